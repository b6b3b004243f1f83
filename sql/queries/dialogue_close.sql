-- $1 subscribers, $2 times, $3 ids of questions that were answered or replaced.
DELETE FROM hall.dialogue AS d USING unnest($1::text[], $2::timestamptz[], $3::uuid[]) AS t (msisdn, at, id)
WHERE d.msisdn = t.msisdn AND d.at = t.at AND d.id = t.id
