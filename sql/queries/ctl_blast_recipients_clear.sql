SELECT outcome, detail FROM hall.blast_recipients_clear($1, $2)
