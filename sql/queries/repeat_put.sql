-- One array a column: texts that took effect.
INSERT INTO hall.repeat AS r (msisdn, port, key, command, at, until, answer)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[])
ON CONFLICT (msisdn, port, key) DO UPDATE
SET command = excluded.command, at = excluded.at, until = excluded.until, answer = excluded.answer
