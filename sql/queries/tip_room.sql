-- $1 senders, $2 now: who of them may be shown a tip.
SELECT r.msisdn FROM hall.tip_room($1::text[], $2::timestamptz) AS r (msisdn)
