-- $1 subscribers, $2 ids, $3 class, $4 causes, $5 wording, $6 texts, $7 segments, $8 port, $9 version, $10 when the cause came: what
-- the control group is not sent.
INSERT INTO hall.mt (msisdn, at, id, class, cause, cause_id, port, receiver, text, segments, report, version, wording, state, why,
                     instance, conn, batch)
SELECT t.msisdn, $10::timestamptz, t.id, $3::hall.mt_class, 'reminder', t.cause, $8::text, t.msisdn, t.text, t.segments, false,
       $9::integer, $5::text, 'refused', 'control', '-', 0, 0
FROM unnest($1::text[], $2::uuid[], $4::uuid[], $6::text[], $7::smallint[]) AS t (msisdn, id, cause, text, segments)
ON CONFLICT DO NOTHING
