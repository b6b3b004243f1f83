-- $1 subscribers, $2 ids, $3 states, $4 when their cause came, $5 command, $6 seconds, $7 version: where the answers go once the
-- messages are sent.
INSERT INTO hall.opens (msisdn, at, id, command, within, version, state)
SELECT t.msisdn, $4::timestamptz, t.id, $5::text, $6::integer * interval '1 second', $7::integer, t.state
FROM unnest($1::text[], $2::uuid[], $3::bytea[]) AS t (msisdn, id, state)
ON CONFLICT DO NOTHING
