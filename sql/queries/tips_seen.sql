-- $1 senders: which tips each was shown, and when (the session's time zone is UTC: the times compare as text).
SELECT s.msisdn, s.tip, s.shown_at FROM hall.tip_seen AS s WHERE s.msisdn = ANY ($1::text[])
