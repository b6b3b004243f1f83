SELECT outcome, detail FROM hall.blast_cancel($1, $2, $3)
