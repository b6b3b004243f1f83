-- $1 run, $2 failed | ignored, $3 why.
UPDATE hall.reminder_run AS r SET state = $2, why = $3, ran_at = now() WHERE r.id = $1::uuid
