-- $1 run, $2 row, $3 why it cannot become a message.
WITH gone AS (
    DELETE FROM hall.reminder_row AS w
    WHERE w.rank = ANY ('{1,2,3,4}'::smallint[]) AND w.run = $1::uuid AND w.n = $2::integer RETURNING w.run
)
UPDATE hall.reminder_run AS r SET lost = r.lost + 1, why = $3::text FROM gone WHERE r.id = gone.run
