-- $1 subscriber, $2 tips, $3 the days of their caps, $4 now: how often he was shown each within them.
SELECT s.tip, count(*)
FROM unnest($2::text[], $3::int[]) AS t (tip, days)
JOIN hall.tip_seen AS s ON s.msisdn = $1::text AND s.tip = t.tip,
LATERAL unnest(s.shown_at) AS at
WHERE at > $4::timestamptz - make_interval(days => t.days)
GROUP BY s.tip
