-- $1 subscribers, $2 tips: shown now.  The sixteen newest times are kept, more than any cap counts.
INSERT INTO hall.tip_seen AS s (msisdn, tip, shown_at)
SELECT msisdn, tip, ARRAY[now()] FROM unnest($1::text[], $2::text[]) AS t (msisdn, tip)
ON CONFLICT (msisdn, tip) DO UPDATE
SET shown_at = (s.shown_at || excluded.shown_at)[greatest(1, cardinality(s.shown_at) - 14):]
