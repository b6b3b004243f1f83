SELECT outcome, detail FROM hall.blast_recipients_add($1, $2, $3::uuid, $4, $5::integer)
