SELECT outcome, detail FROM hall.blast_approve($1, $2, $3)
