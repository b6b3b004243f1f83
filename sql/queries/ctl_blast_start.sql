SELECT outcome, detail FROM hall.blast_start($1, $2, $3::timestamptz)
