-- $1 senders: which tips each was shown, and how many days ago each time.
SELECT s.msisdn, s.tip, ARRAY(SELECT extract(epoch FROM now() - a)::bigint / 86400 FROM unnest(s.shown_at) AS a)
FROM hall.tip_seen AS s WHERE s.msisdn = ANY ($1::text[])
