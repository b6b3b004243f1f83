-- One array a column: orders that were asked about; $13: the version of the tables that asked, $14: now.
INSERT INTO hall.evidence (msisdn, at, id, command, function, port, link, lang, question, question_mt, price_version,
	within_until, version, asked_at)
SELECT t.*, $13::integer, $14::timestamptz FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[],
	$7::text[], $8::text[], $9::text[], $10::uuid[], $11::text[], $12::timestamptz[]) AS t
