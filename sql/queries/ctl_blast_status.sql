SELECT outcome, detail FROM hall.blast_status($1, $2)
