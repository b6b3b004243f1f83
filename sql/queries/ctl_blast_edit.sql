SELECT outcome, detail FROM hall.blast_edit($1, $2, $3::jsonb)
