SELECT outcome, detail FROM hall.blast_submit($1, $2)
