SELECT outcome, detail FROM hall.blast_resume($1, $2)
