SELECT outcome, detail FROM hall.blast_history($1, $2)
