-- $1 subscribers, $2 times, $3 ids of questions that were answered or replaced.
WITH t AS (SELECT u.msisdn, u.at, u.id FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) AS u (msisdn, at, id)),
     o AS (DELETE FROM hall.opens AS o USING t WHERE o.msisdn = t.msisdn AND o.at = t.at AND o.id = t.id)
DELETE FROM hall.dialogue AS d USING t
WHERE d.msisdn = t.msisdn AND d.at = t.at AND d.id = t.id
