-- $1 subscribers, $2 times, $3 ids of questions that were answered or replaced.  Of the messages that asked for an answer of the
-- same sort the older ones are over too: the customer meant the newest.
WITH t AS (SELECT u.msisdn, u.at, u.id FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) AS u (msisdn, at, id)),
     o AS (DELETE FROM hall.opens AS o USING t, hall.opens AS c
           WHERE c.msisdn = t.msisdn AND c.at = t.at AND c.id = t.id
             AND o.msisdn = c.msisdn AND o.command = c.command AND o.at <= c.at
             AND EXISTS (SELECT 1 FROM hall.mt AS m WHERE m.msisdn = o.msisdn AND m.at = o.at AND m.id = o.id AND m.state <> 'held'))
DELETE FROM hall.dialogue AS d USING t
WHERE d.msisdn = t.msisdn AND d.at = t.at AND d.id = t.id
