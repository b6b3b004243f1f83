-- One array a column; $12: the version of the tables that asked, $13: now.
INSERT INTO hall.dialogue (msisdn, at, id, kind, port, until, command, function, question, state, tries, version, asked_at)
SELECT t.*, $12::integer, $13::timestamptz FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[],
	$7::text[], $8::text[], $9::text[], $10::bytea[], $11::smallint[]) AS t
