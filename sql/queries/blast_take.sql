-- $1 instance, $2 the blast drained last, $3 how many, $4 now, $5 links with a limit, $6 how many may leave by each: recipients of a
-- running blast.
SELECT b.blast, b.hash, b.n, b.msisdn, b.lang, b.data, b.variant, b.why, b.due, b.link
FROM hall.blast_take($1::text, $2::integer, $3::integer, $4::timestamptz, $5::text[], $6::smallint[]) AS b
