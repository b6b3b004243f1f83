-- $1 subscriber, $2 now: himself, if he may be shown a tip.
SELECT r.msisdn FROM hall.tip_room(ARRAY[$1::text], $2::timestamptz, false) AS r (msisdn)
