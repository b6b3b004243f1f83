-- $1 reminders: when each is due next and ran last, and what became of its messages of the last 24 hours.
SELECT t.name,
       to_char(coalesce(s.next, r.next) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
       to_char(coalesce(s.next, r.next) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.last AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
       to_char(r.last AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce(r.planned, 0), coalesce(r.failed, 0), coalesce(r.waiting, 0),
       coalesce(m.sent, 0), coalesce(m.held, 0), coalesce(m.refused, 0), coalesce(m.control, 0)
FROM unnest($1::text[]) WITH ORDINALITY AS t (name, n)
LEFT JOIN hall.reminder_schedule AS s ON s.reminder = t.name
LEFT JOIN LATERAL (
    SELECT min(u.due) FILTER (WHERE u.state = 'new') AS next, max(u.ran_at) FILTER (WHERE u.state = 'ran') AS last,
           count(*) FILTER (WHERE u.state = 'new') AS planned,
           count(*) FILTER (WHERE u.state = 'failed' AND u.ran_at > now() - interval '24 hours') AS failed,
           sum((SELECT count(*) FROM hall.reminder_row AS w WHERE w.run = u.id)) AS waiting
    FROM hall.reminder_run AS u WHERE u.reminder = t.name
) AS r ON true
LEFT JOIN (
    SELECT x.wording, count(*) FILTER (WHERE x.state NOT IN ('held', 'refused')) AS sent,
           count(*) FILTER (WHERE x.state = 'held') AS held,
           count(*) FILTER (WHERE x.state = 'refused' AND x.why IS DISTINCT FROM 'control') AS refused,
           count(*) FILTER (WHERE x.state = 'refused' AND x.why = 'control') AS control
    FROM hall.mt AS x WHERE x.at > now() - interval '24 hours' AND x.cause = 'reminder'
    GROUP BY x.wording
) AS m ON m.wording = t.name
ORDER BY t.n
