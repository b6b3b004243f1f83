SELECT name, n FROM hall.blast_empty($1, $2, $3::text[])
