-- A text that failed alone: kept for a person, or kept again after a retry.
INSERT INTO hall.parked AS p (id, msisdn, at, port, link, text, sealed, command, version, sqlstate, error)
VALUES ($1::uuid, $2::text, $3::timestamptz, $4::text, $5::text, $6::text, $7::bytea, $8::text, $9::int, $10::text, $11::text)
ON CONFLICT (id) DO UPDATE
SET state = 'parked', sqlstate = excluded.sqlstate, error = excluded.error, version = excluded.version, changed_at = now()
