SELECT outcome, detail FROM hall.blast_new($1, $2, $3, $4::text[], $5::jsonb, $6::jsonb)
