-- $1 version of the tables, $2 reminders, $3 triggers that they wait for, $4 days, $5 where to go on, $6 how many, $7 now.
SELECT t.gone, t.after
FROM hall.reminder_tidy($1::integer, $2::text[], $3::text[], make_interval(days => $4::integer), $5::text, $6::integer,
                        $7::timestamptz) AS t
