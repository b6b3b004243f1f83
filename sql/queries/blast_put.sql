-- $1 instance, $2 connection, $3 batch, $4 blast, $5 port, $6 subscribers, $7 ids, $8 variants, $9 languages, $10 texts, $11 segments,
-- $12 why not, $13 until when, $14 links, $15 now: the messages of one step of a blast.
SELECT hall.blast_put($1::text, $2::smallint, $3::bigint, $4::integer, $5::text, $6::text[], $7::uuid[], $8::text[], $9::text[],
	$10::text[], $11::smallint[], $12::text[], $13::text[]::timestamptz[], $14::text[], $15::timestamptz)
