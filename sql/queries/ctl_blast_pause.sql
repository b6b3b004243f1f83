SELECT outcome, detail FROM hall.blast_pause($1, $2, $3)
