SELECT outcome, detail
FROM hall.blast_test($1, $2, $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8, now())
