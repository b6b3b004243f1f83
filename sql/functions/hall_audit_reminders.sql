-- hall.audit_reminders(since): whether the books of reminders add up.
-- Called by hall.audit().
-- Parameters: since: runs, triggers and messages of then and later.
-- Result: as hall.audit(): a row a check.  counted: rows of runs; triggers that were looked at; receivers that once_per remembers.
-- Of a run that was due more than 40 days before it was run nothing is known here.
-- Tables: hall.reminder_run, hall.reminder_row, hall.reminder_sent, hall.trigger, hall.mt; nothing is locked.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.audit_reminders(since timestamptz)
RETURNS TABLE ("check" text, counted bigint, wrong bigint, examples text[])
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off	-- see hall.audit()
SET enable_mergejoin = off
SET work_mem = '64MB'
SET jit = off
AS $$
DECLARE
	late CONSTANT interval := '40 days';
	earliest timestamptz;		-- of the messages of runs since then
BEGIN
	-- A message has its trigger, else its run, as its cause, and the moment at which the run was due as its time: runs that
	-- have these in common are looked at together.
	SELECT least(since, min(r.due) - interval '1 second') INTO earliest
	FROM hall.reminder_run r
	WHERE r.due >= since - late AND r.ran_at >= since - interval '1 day';
	"check" := 'each row of a reminder is one message, or has a reason';
	WITH run AS MATERIALIZED (
		SELECT coalesce(r.trigger, r.id) AS cause, r.reminder, date_trunc('second', r.due) AS at, sum(r.rows) AS rows, sum(r.lost) AS lost,
			sum(coalesce(r.repeats, 0)) AS repeats, count(*) FILTER (WHERE r.repeats IS NULL) AS older, bool_or(r.ran_at >= since) AS new,
			sum(coalesce(w.n, 0)) AS waiting
		FROM hall.reminder_run r
		LEFT JOIN (SELECT x.run, count(*) AS n FROM hall.reminder_row x GROUP BY x.run) AS w ON w.run = r.id
		WHERE r.due >= least(since - late, earliest) AND r.state = 'ran'
		GROUP BY 1, 2, 3
	), message AS MATERIALIZED (
		SELECT m.cause_id AS cause, m.wording AS reminder, m.at, count(*) AS n
		FROM hall.mt m
		WHERE m.at >= earliest AND m.cause = 'reminder'
		GROUP BY 1, 2, 3
	), bad AS MATERIALIZED (
		SELECT r.at, format('reminder %s, due at %s: %s rows, of which %s are messages, %s wait, %s were lost, %s were repeats', r.reminder, r.at,
			r.rows, coalesce(m.n, 0), r.waiting, r.lost, r.repeats) AS what
		FROM run r
		LEFT JOIN message m ON m.cause = r.cause AND m.reminder = r.reminder AND m.at = r.at
		WHERE r.new AND CASE WHEN r.older = 0 THEN r.rows <> coalesce(m.n, 0) + r.waiting + r.lost + r.repeats
			ELSE r.rows < coalesce(m.n, 0) + r.waiting + r.lost + r.repeats END
		UNION ALL
		SELECT m.at, format('reminder %s: %s messages of %s, which no run made', coalesce(m.reminder, '(none)'), m.n, m.at)
		FROM message m
		WHERE m.at >= since AND NOT EXISTS (SELECT FROM run r WHERE r.cause = m.cause AND r.reminder = m.reminder AND r.at = m.at)
		UNION ALL
		SELECT now(), format('row %s of run %s waits, and the run has no such row', w.n, w.run)
		FROM hall.reminder_row w
		WHERE NOT EXISTS (SELECT FROM hall.reminder_run r WHERE r.id = w.run AND r.state = 'ran' AND w.n BETWEEN 1 AND r.rows)
	)
	SELECT (SELECT coalesce(sum(r.rows), 0) FROM run r WHERE r.new), count(*), ARRAY(SELECT b.what FROM bad b ORDER BY b.at, b.what LIMIT 20)
	INTO counted, wrong, examples
	FROM bad;
	RETURN NEXT;

	"check" := 'each trigger that was looked at has its runs';
	WITH seen AS MATERIALIZED (
		SELECT t.id, t.name, t.key, t.at FROM hall.trigger t WHERE t.at >= since AND t.state = 'done'
	), bad AS MATERIALIZED (
		SELECT s.* FROM seen s
		WHERE NOT EXISTS (SELECT FROM hall.reminder_run r WHERE r.due >= since AND r.trigger = s.id)
	)
	SELECT (SELECT count(*) FROM seen), count(*), ARRAY(SELECT format('trigger %s, %s, of %s: no reminder follows from it', b.name, b.key, b.at)
		FROM bad b ORDER BY b.at LIMIT 20)
	INTO counted, wrong, examples
	FROM bad;
	RETURN NEXT;

	-- Few are not found at first: those are looked up one by one.
	"check" := 'who counts as having had a reminder has its message';
	WITH sent AS MATERIALIZED (
		SELECT s.msisdn, s.reminder, s.scope, s.at FROM hall.reminder_sent s WHERE s.at >= since
	), message AS MATERIALIZED (
		SELECT DISTINCT m.msisdn, m.wording AS reminder FROM hall.mt m WHERE m.at >= earliest AND m.cause = 'reminder'
	), missed AS MATERIALIZED (
		SELECT s.* FROM sent s
		WHERE NOT EXISTS (SELECT FROM message m WHERE m.msisdn = s.msisdn AND m.reminder = s.reminder)
	), bad AS MATERIALIZED (
		SELECT s.* FROM missed s
		WHERE (SELECT count(*) FROM hall.mt m WHERE m.msisdn = s.msisdn AND m.at BETWEEN s.at - late AND s.at + interval '1 day'
			AND m.cause = 'reminder' AND m.wording = s.reminder) = 0
	)
	SELECT (SELECT count(*) FROM sent), count(*), ARRAY(SELECT format('%s at %s: reminder %s, %s', b.msisdn, b.at, b.reminder, b.scope)
		FROM bad b ORDER BY b.at LIMIT 20)
	INTO counted, wrong, examples
	FROM bad;
	RETURN NEXT;
END
$$;

REVOKE ALL ON FUNCTION hall.audit_reminders(timestamptz) FROM PUBLIC;
