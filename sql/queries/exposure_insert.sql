-- $1 subscribers, $2 times and $3 ids of the answers, $4 tips, $5 channels steered to, $6 whether they are in the control group,
-- $7 version of the tables.
INSERT INTO hall.exposure (msisdn, at, id, source, name, version, target, control)
SELECT msisdn, at, id, 'tip', name, $7::integer, target, control
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::boolean[])
	AS t (msisdn, at, id, name, target, control)
