SELECT outcome, detail FROM hall.blast_reject($1, $2, $3)
