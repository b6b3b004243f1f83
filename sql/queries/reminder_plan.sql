-- $1 reminders, $2 what they wait for, $3 steps, $4 seconds after it, $5 how many triggers: makes runs of triggers.
SELECT hall.reminder_plan($1::text[], $2::text[], $3::smallint[], $4::text[]::integer[], $5::integer)
