-- $1 reminder, $2 subscribers, $3 what must not repeat, $4 days, $5 now: which of them did not have it lately.  They have now.
INSERT INTO hall.reminder_sent AS s (reminder, msisdn, scope, at)
SELECT DISTINCT $1::text, t.msisdn, t.scope, $5::timestamptz FROM unnest($2::text[], $3::text[]) AS t (msisdn, scope)
ORDER BY 2, 3
ON CONFLICT (msisdn, reminder, scope) DO UPDATE SET at = excluded.at
WHERE s.at <= excluded.at - make_interval(days => $4::integer)
RETURNING s.msisdn, s.scope
