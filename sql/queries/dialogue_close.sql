-- $1 subscribers, $2 times, $3 ids of questions that were answered or replaced.  Of the messages that asked for an answer of the
-- same sort (no text led to them: they have no function) the older ones are over too: the customer meant the newest.
WITH t AS (SELECT u.msisdn, u.at, u.id FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) AS u (msisdn, at, id)),
     older AS (DELETE FROM hall.dialogue AS d USING t, hall.dialogue AS c
               WHERE c.msisdn = t.msisdn AND c.at = t.at AND c.id = t.id AND c.kind = 'opens' AND c.function IS NULL
                 AND d.msisdn = c.msisdn AND d.kind = 'opens' AND d.function IS NULL AND d.command = c.command
                 AND d.asked_at <= c.asked_at AND (d.at, d.id) <> (c.at, c.id))
DELETE FROM hall.dialogue AS d USING t
WHERE d.msisdn = t.msisdn AND d.at = t.at AND d.id = t.id
