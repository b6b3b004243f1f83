-- $1 versions of the tables that are at hand, $2 the one in force, $3 how many: rows that are to become messages, one-time codes
-- first.  What other versions made is taken by those who have the active one.
WITH taken AS MATERIALIZED (
    SELECT w.rank, w.run, w.n
    FROM hall.reminder_row AS w
    CROSS JOIN LATERAL (SELECT r.version FROM hall.reminder_run AS r WHERE r.id = w.run) AS r
    WHERE r.version = ANY ($1::text[]::integer[])
       OR EXISTS (SELECT 1 FROM hall.table_version AS v WHERE v.id = $2::integer AND v.state = 'active')
    ORDER BY w.rank, w.run, w.n
    LIMIT $3::integer
    FOR UPDATE OF w SKIP LOCKED
), gone AS (
    DELETE FROM hall.reminder_row AS w USING taken AS t WHERE w.rank = t.rank AND w.run = t.run AND w.n = t.n
    RETURNING w.rank, w.run, w.n, w.cells
)
SELECT g.run, g.n, g.cells, r.reminder, r.trigger, r.step, (extract(epoch FROM r.due) * 1000000)::bigint, r.version, r.columns
FROM gone AS g JOIN hall.reminder_run AS r ON r.id = g.run
ORDER BY g.rank, r.due, g.run, g.n
