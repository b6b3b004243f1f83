SELECT outcome, detail FROM hall.blast_rate($1, $2, $3::integer)
