-- $1 names that reminders wait for, $2 how many.
SELECT t.id, t.name, (extract(epoch FROM t.at) * 1000000)::bigint FROM hall.trigger_take($1::text[], $2::integer) AS t
