SELECT outcome, detail FROM hall.blast_preview($1, $2, $3::timestamptz, $4::integer, $5::integer)
