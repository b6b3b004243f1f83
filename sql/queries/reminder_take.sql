-- $1 reminders, $2 how many, $3 now: runs that are due, the oldest first.
SELECT r.id, r.reminder, r.trigger, r.step, (extract(epoch FROM r.due) * 1000000)::bigint
FROM hall.reminder_run AS r
WHERE r.state = 'new' AND r.due <= $3::timestamptz AND r.reminder = ANY ($1::text[])
ORDER BY r.due LIMIT $2::integer
FOR UPDATE SKIP LOCKED
