SELECT outcome, detail FROM hall.blast_report($1, $2)
