-- $1 reminder, $2 subscribers, $3 what must not repeat, $4 days, $5 when, in seconds since 1970: by position (from 1) who had it
-- lately, and until when it is not told again.
SELECT t.n, to_char((s.at + make_interval(days => $4::integer)) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (msisdn, scope, n)
JOIN hall.reminder_sent AS s ON s.msisdn = t.msisdn AND s.reminder = $1::text AND s.scope = t.scope
WHERE s.at > to_timestamp($5::bigint) - make_interval(days => $4::integer)
