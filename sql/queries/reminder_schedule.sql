-- $1 version of the tables, $2 reminders, $3 schedules, $4 zones, $5 their last moments, $6 their next ones: when each is due.
SELECT s.reminder, (extract(epoch FROM s.next) * 1000000)::bigint
FROM hall.reminder_schedule($1::integer, $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) AS s
