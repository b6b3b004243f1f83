-- hall.audit_blasts(since): whether the books of blasts add up.
-- Called by hall.audit().
-- Parameters: since: blasts that run, or were over then or later.
-- Result: as hall.audit(): a row a check.  counted: recipients on those lists; those blasts.
-- What counts as handled is what is before `next` of a range: he has exactly one message, which was sent, waits or was refused
-- for a reason, or he belongs to the control group and has none.  The others have none: of a blast that was cancelled or
-- expired they never will, of one that is done there are no others.  A message of a list that is kept no more is not looked at.
-- Tables: hall.blast, hall.blast_recipient, hall.blast_range, hall.blast_held, hall.mt since those blasts began; nothing is locked.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.audit_blasts(since timestamptz)
RETURNS TABLE ("check" text, counted bigint, wrong bigint, examples text[])
LANGUAGE plpgsql STABLE ROWS 2
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off	-- see hall.audit()
SET enable_mergejoin = off
SET work_mem = '128MB'
SET jit = off
AS $$
DECLARE
	b hall.blast;
	split record;
	firsts integer[];
	nexts integer[];
	tally record;
	sums record;
	list bigint := 0;
	people bigint := 0;
	blasts bigint := 0;
	unlike bigint := 0;
	said text[] := '{}';
BEGIN
	wrong := 0;
	examples := '{}';
	FOR b IN
		SELECT x.* FROM hall.blast x
		WHERE x.started_at IS NOT NULL AND (x.state IN ('running', 'paused') OR x.finished_at >= greatest(since, now() - interval '180 days'))
		ORDER BY x.id
	LOOP
		SELECT s.variants, s.uptos INTO split FROM hall.blast_split(b.id) s;
		SELECT array_agg(g.first ORDER BY g.first), array_agg(g.next ORDER BY g.first) INTO firsts, nexts
		FROM hall.blast_range g WHERE g.blast = b.id;
		WITH message AS MATERIALIZED (
			SELECT m.msisdn, count(*) AS n, bool_or(m.state IN ('held', 'refused') AND m.why IS NULL) AS mute,
				bool_or(m.state = 'held' AND m.again IS NULL) AS waits
			FROM hall.mt m
			WHERE m.cause = 'blast' AND m.cause_id = b.uuid
			  AND m.at BETWEEN b.started_at - interval '1 day' AND coalesce(b.finished_at, now()) + interval '1 day'
			GROUP BY m.msisdn
		), person AS MATERIALIZED (
			SELECT r.n, coalesce(r.msisdn, m.msisdn) AS msisdn, coalesce(r.handled, false) AS handled, coalesce(m.n, 0) AS messages, m.mute, m.waits,
				coalesce(r.handled, false) AND hall.blast_variant_at(b.uuid, r.msisdn, b.control, split.variants, split.uptos) IS NULL AS control
			FROM (SELECT x.n, x.msisdn, x.n < nexts[width_bucket(x.n, firsts)] AS handled
				FROM hall.blast_recipient x WHERE x.blast = b.id) AS r
			FULL JOIN message m ON m.msisdn = r.msisdn
		), judged AS MATERIALIZED (
			SELECT p.n, p.msisdn, p.messages, p.handled, p.control,
				CASE WHEN p.n IS NULL THEN 'has a message, and is not on the list'
					WHEN p.messages > 1 THEN format('has %s messages', p.messages)
					WHEN NOT p.handled AND p.messages > 0 THEN 'has a message, and was not handled'
					WHEN NOT p.handled AND b.state = 'done' THEN 'was left out, and it is done'
					WHEN p.control AND p.messages > 0 THEN 'belongs to the control group, and has a message'
					WHEN p.handled AND NOT p.control AND p.messages = 0 THEN 'was handled, and has no message'
					WHEN p.mute THEN 'has a message that waits or was refused, and nobody knows why'
					WHEN p.waits AND b.state IN ('done', 'cancelled') THEN format('has a message that waits, and it is %s', b.state) END AS fault
			FROM person p
		)
		SELECT count(*) FILTER (WHERE j.n IS NOT NULL) AS list, count(*) FILTER (WHERE j.fault IS NOT NULL) AS wrong,
			coalesce(sum(j.messages), 0) AS messages, count(*) FILTER (WHERE j.control) AS control, max(j.n) AS last,
			ARRAY(SELECT format('%s of blast %s: %s %s', coalesce('recipient ' || k.n, 'somebody'), b.name, k.msisdn, k.fault)
				FROM judged k WHERE k.fault IS NOT NULL ORDER BY k.n LIMIT 20) AS examples
		INTO tally
		FROM judged j;
		list := list + tally.list;
		people := people + tally.wrong;
		examples := (examples || tally.examples)[1:20];

		SELECT count(*) AS ranges, coalesce(sum(g.last - g.first + 1), 0) AS size, min(g.first) AS first, max(g.last) AS last,
			count(*) FILTER (WHERE g.next - g.first <> g.sent + g.held + g.refused + g.control) AS unlike,
			sum(g.sent + g.held + g.refused) AS messages, sum(g.control) AS control, sum(g.held) AS held
		INTO sums
		FROM hall.blast_range g WHERE g.blast = b.id;
		blasts := blasts + 1;
		SELECT f.fault INTO tally
		FROM (SELECT CASE
			WHEN b.recipients <> tally.list THEN 'its list is not as long as it was approved'
			WHEN sums.first IS DISTINCT FROM 1 OR sums.last <> b.recipients OR sums.size <> b.recipients THEN 'its ranges are not its list'
			WHEN sums.unlike > 0 THEN format('%s of its ranges handled others than sent, held, refused and control', sums.unlike)
			WHEN tally.wrong > 0 THEN NULL		-- the sums differ too, then
			WHEN sums.messages <> tally.messages THEN format('%s messages were made, and %s are there', sums.messages, tally.messages)
			WHEN sums.control <> tally.control THEN format('%s were left to the control group, which has %s of those', sums.control, tally.control)
			WHEN sums.held <> (SELECT count(*) FROM hall.blast_held k WHERE k.blast = b.id)
				THEN format('%s were held, and %s are noted', sums.held, (SELECT count(*) FROM hall.blast_held k WHERE k.blast = b.id))
			END AS fault) AS f;
		IF tally.fault IS NOT NULL THEN
			unlike := unlike + 1;
			said := (said || format('blast %s: %s', b.name, tally.fault))[1:20];
		END IF;
	END LOOP;
	"check" := 'each recipient of a blast has one fate';
	counted := list;
	wrong := people;
	RETURN NEXT;
	"check" := 'the sums of each blast are those of its recipients';
	counted := blasts;
	wrong := unlike;
	examples := said;
	RETURN NEXT;
END
$$;

REVOKE ALL ON FUNCTION hall.audit_blasts(timestamptz) FROM PUBLIC;
