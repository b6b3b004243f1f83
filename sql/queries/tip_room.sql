-- $1 senders, $2 now: who of them may be shown a tip, and which he was shown, and when (the session's time zone is UTC: the
-- times compare as text).
SELECT r.msisdn, s.tip, s.shown_at
FROM hall.tip_room($1::text[], $2::timestamptz) AS r (msisdn)
LEFT JOIN hall.tip_seen AS s ON s.msisdn = r.msisdn
