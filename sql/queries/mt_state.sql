-- $1 subscribers, $2 times, $3 ids, $4 states, $5 reasons; $6 and $7 earliest and latest of the times.  A state
-- never falls back: delivered stays, whatever comes late.  What waits to be sent again, or never will be, heeds nothing less.
-- Failures go to hall.door_failed().
UPDATE hall.mt AS m
SET state = d.state, why = CASE WHEN d.state <> 'delivered' THEN coalesce(d.why, m.why) END, reported_at = now()
FROM (SELECT DISTINCT ON (msisdn, at, id) msisdn, at, id, state::hall.mt_state, why
      FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[]) AS t (msisdn, at, id, state, why)
      ORDER BY msisdn, at, id, state::hall.mt_state DESC) AS d
WHERE m.msisdn = d.msisdn AND m.at = d.at AND m.id = d.id AND m.state < d.state
AND (m.state NOT IN ('held', 'refused') OR d.state = 'delivered')
AND m.at BETWEEN $6::timestamptz AND $7::timestamptz
