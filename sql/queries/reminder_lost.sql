-- $1 runs, $2 why: rows of theirs, one each time that it stands there, cannot become messages.
UPDATE hall.reminder_run AS r SET lost = r.lost + t.n, why = t.why
FROM (SELECT u.run, count(*) AS n, max(u.why) AS why FROM unnest($1::uuid[], $2::text[]) AS u (run, why) GROUP BY u.run) AS t
WHERE r.id = t.run
