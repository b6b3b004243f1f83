SELECT outcome, detail FROM hall.blast_list($1, $2)
