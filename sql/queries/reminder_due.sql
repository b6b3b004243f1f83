-- $1 triggers that reminders wait for, $2 reminders, $3 now: whether any trigger or run is to be looked at, and whether any row
-- waits to become a message.
SELECT EXISTS (SELECT 1 FROM hall.trigger AS t WHERE t.state = 'new' AND t.name = ANY ($1::text[]))
       OR EXISTS (SELECT 1 FROM hall.reminder_run AS r WHERE r.state = 'new' AND r.due <= $3::timestamptz AND r.reminder = ANY ($2::text[])),
       EXISTS (SELECT 1 FROM hall.reminder_row)
