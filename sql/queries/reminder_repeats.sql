-- $1 runs: rows of theirs, one each time that it stands there, become no messages, for who would get them had them lately.
UPDATE hall.reminder_run AS r SET repeats = r.repeats + t.n
FROM (SELECT u.run, count(*) AS n FROM unnest($1::uuid[]) AS u (run) GROUP BY u.run) AS t
WHERE r.id = t.run
