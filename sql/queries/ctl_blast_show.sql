SELECT outcome, detail FROM hall.blast_show($1, $2)
