-- hall.audit(since): whether the hall's own books add up: texts, answers, parked texts, reported uses, blasts, reminders.
-- Called by `smsctl audit`, with hall_api.audit() for the business side; a statement sees one moment, and a batch is one
-- transaction, so a hall at work is not in its way.
-- Parameters: since: rows of that time and later, by the gateway's time.
-- Result: a row a check: what must be true; how many rows were looked at; how many are wrong; up to 20 of these.
-- Tables: hall.mo, hall.mt, hall.contact_key, hall.contact_elsewhere, hall.parked, hall.sender, those of hall.audit_blasts() and
-- hall.audit_reminders(); nothing is locked.  Reads each
-- partition since then whole, some times: 10 million texts take a minute or two, whether the tables were ever analysed or not.
-- What it cannot see: whether a gateway really took what hall.sender says it took.  No row is changed for a message that
-- was taken, so below the mark `accepted` a message that was never sent looks as one that was, unless it asked for a
-- delivery report; the number of those that never got one is worth a look when customers complain.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.audit(since timestamptz)
RETURNS TABLE ("check" text, counted bigint, wrong bigint, examples text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = hall, pg_temp
SET enable_partitionwise_join = on
SET enable_nestloop = off	-- a table that was never analysed looks small, and one loop in another would take for ever
SET work_mem = '64MB'
SET jit = off
AS $$
DECLARE
	answers bigint;
	lacking bigint;
	stray bigint;
	said text[];
BEGIN
	-- A retry that failed again says nothing: its sender had the apology.
	SELECT count(*) INTO counted FROM hall.mo o WHERE o.at >= since;
	SELECT count(*) INTO answers FROM hall.mt t WHERE t.at >= since AND t.cause = 'mo';
	WITH without AS MATERIALIZED (
		SELECT o.msisdn, o.at, o.id, o.command, o.outcome
		FROM hall.mo o
		WHERE o.at >= since AND o.outcome NOT IN ('silent', 'blocked') AND NOT EXISTS (SELECT FROM hall.mt t
			WHERE t.at >= since AND t.msisdn = o.msisdn AND t.at = o.at AND t.cause_id = o.id AND t.cause = 'mo')
	), retried AS MATERIALIZED (
		SELECT DISTINCT p.msisdn, p.at FROM hall.parked p WHERE p.at >= since AND p.attempt > 0
	), silent AS MATERIALIZED (
		SELECT w.*, w.outcome = 'error' AND p.id IS NULL AND r.msisdn IS NOT NULL AS again
		FROM without w
		LEFT JOIN hall.parked p ON p.id = w.id
		LEFT JOIN retried r ON r.msisdn = w.msisdn AND r.at = w.at
	)
	SELECT count(*), count(*) FILTER (WHERE NOT s.again),
		ARRAY(SELECT format('%s at %s: text %s (%s, %s) has no answer', b.msisdn, b.at, b.id,
				coalesce(b.command, 'no command'), b.outcome)
			FROM silent b WHERE NOT b.again ORDER BY b.at LIMIT 20)
	INTO lacking, wrong, examples
	FROM silent s;
	WITH alone AS MATERIALIZED (
		SELECT t.msisdn, t.at, t.id, t.cause_id
		FROM hall.mt t
		WHERE t.at >= since AND t.cause = 'mo' AND NOT EXISTS (SELECT FROM hall.mo o
			WHERE o.at >= since AND o.msisdn = t.msisdn AND o.at = t.at AND o.id = t.cause_id)
	)
	SELECT count(*), ARRAY(SELECT format('%s at %s: answer %s is to text %s, which is not there', b.msisdn, b.at, b.id,
				coalesce(b.cause_id::text, '(none)'))
			FROM alone b ORDER BY b.at LIMIT 20)
	INTO stray, said
	FROM alone a;
	wrong := wrong + stray;
	examples := examples || said;
	-- Whether any text has two follows from the counts; only then it is worth to look which.
	IF answers - stray > counted - lacking THEN
		WITH twice AS MATERIALIZED (
			SELECT t.msisdn, t.at, t.cause_id, count(*) AS n
			FROM hall.mt t
			WHERE t.at >= since AND t.cause = 'mo'
			GROUP BY t.msisdn, t.at, t.cause_id HAVING count(*) > 1
		)
		SELECT wrong + count(*), examples || ARRAY(SELECT format('%s at %s: text %s has %s answers', b.msisdn, b.at,
					b.cause_id, b.n)
				FROM twice b ORDER BY b.at LIMIT 20)
		INTO wrong, examples
		FROM twice t;
	END IF;
	"check" := 'each text has one answer, each answer its text';
	examples := examples[1:20];
	RETURN NEXT;

	-- The gateway's time is part of the key: a text that came with another one got by.  A day earlier too, or a
	-- pair over the edge would never be seen.
	"check" := 'no text was handled twice';
	WITH twice AS MATERIALIZED (
		SELECT o.msisdn, o.id, count(*) AS n, min(o.at) AS first, max(o.at) AS last
		FROM hall.mo o
		WHERE o.at >= since - interval '1 day'
		GROUP BY o.msisdn, o.id HAVING count(*) > 1
	)
	SELECT count(*), ARRAY(SELECT format('%s: text %s was handled %s times, from %s to %s', b.msisdn, b.id, b.n, b.first,
				b.last)
			FROM twice b WHERE b.last >= since ORDER BY b.last LIMIT 20)
	INTO wrong, examples
	FROM twice t
	WHERE t.last >= since;
	RETURN NEXT;

	-- batch is the time at which the message was made, by smsd's clock.  A mark is told by a later transaction than the
	-- one that made its messages, so one that came with them is wrong; of that the last batch alone has kept the trace.
	"check" := 'each message was sent';
	WITH unsent AS MATERIALIZED (
		SELECT t.msisdn, t.at, t.id, t.batch, t.instance, t.conn, t.batch <= s.accepted AS told
		FROM hall.mt t
		LEFT JOIN hall.sender s ON s.instance = t.instance AND s.conn = t.conn
		WHERE t.at >= since AND t.state = 'queued'
		  AND (t.batch > coalesce(s.accepted, 0) AND t.batch < extract(epoch FROM now() - interval '1 minute') * 1000000
			OR t.batch <= s.accepted AND t.batch = s.last_batch AND t.xmin = s.xmin)
	)
	SELECT count(*), ARRAY(SELECT format(CASE WHEN b.told
					THEN '%s at %s: message %s of smsd %s, connection %s, was called taken by the transaction that made it'
					ELSE '%s at %s: message %s of smsd %s, connection %s, made at %s, was not taken by a gateway' END,
				b.msisdn, b.at, b.id, b.instance, b.conn, to_timestamp(b.batch / 1000000))
			FROM unsent b ORDER BY b.batch LIMIT 20)
	INTO wrong, examples
	FROM unsent u;
	SELECT count(*) INTO counted FROM hall.mt t WHERE t.at >= since;
	RETURN NEXT;

	"check" := 'each text that failed is parked, each parked text failed';
	WITH retried AS MATERIALIZED (
		SELECT DISTINCT p.msisdn, p.at FROM hall.parked p WHERE p.at >= since AND p.attempt > 0
	), failed AS MATERIALIZED (
		SELECT o.msisdn, o.at, o.id, p.id IS NOT NULL AS parked, r.msisdn IS NOT NULL AS again
		FROM hall.mo o
		LEFT JOIN hall.parked p ON p.id = o.id AND p.msisdn = o.msisdn AND p.at = o.at
		LEFT JOIN retried r ON r.msisdn = o.msisdn AND r.at = o.at
		WHERE o.at >= since AND o.outcome = 'error'
	), bad AS MATERIALIZED (
		SELECT f.msisdn, f.at, format('%s at %s: text %s failed and is not parked', f.msisdn, f.at, f.id) AS what
		FROM failed f WHERE NOT f.parked AND NOT f.again
		UNION ALL
		SELECT f.msisdn, f.at, format('%s at %s: text %s, a parked text''s retry, failed and was answered', f.msisdn, f.at, f.id)
		FROM failed f WHERE NOT f.parked AND f.again AND EXISTS (SELECT FROM hall.mt t
			WHERE t.at >= since AND t.msisdn = f.msisdn AND t.at = f.at AND t.cause_id = f.id)
		UNION ALL
		SELECT p.msisdn, p.at, format('%s at %s: %s is parked, but no such text failed', p.msisdn, p.at, p.id)
		FROM hall.parked p
		WHERE p.at >= since AND NOT EXISTS (SELECT FROM failed f
			WHERE f.id = p.id AND f.msisdn = p.msisdn AND f.at = p.at)
		UNION ALL
		SELECT p.msisdn, p.at, format('%s at %s: parked text %s is done, but no retry of it has an outcome', p.msisdn, p.at, p.id)
		FROM hall.parked p
		WHERE p.at >= since AND p.state = 'done' AND NOT EXISTS (SELECT FROM hall.mo o
			WHERE o.at >= since AND o.msisdn = p.msisdn AND o.at = p.at AND o.id <> p.id AND o.outcome <> 'error')
	)
	SELECT (SELECT count(*) FROM failed) + (SELECT count(*) FROM hall.parked p WHERE p.at >= since), count(*),
		ARRAY(SELECT b.what FROM bad b ORDER BY b.at LIMIT 20)
	INTO counted, wrong, examples
	FROM bad b;
	RETURN NEXT;

	-- A text of a command is one by its own row: there nothing can be amiss.
	"check" := 'each use that another channel reported is a contact';
	WITH bad AS MATERIALIZED (
		SELECT k.msisdn, k.at, format('%s at %s: use %s of channel %s is no contact', k.msisdn, k.at, k.key, k.channel) AS what
		FROM hall.contact_key k
		WHERE k.at >= since AND NOT EXISTS (SELECT FROM hall.contact_elsewhere c
			WHERE c.at >= since AND c.msisdn = k.msisdn AND c.at = k.at AND c.id = md5(k.channel || ':' || k.key)::uuid
			  AND c.channel = k.channel)
	)
	SELECT count(*), ARRAY(SELECT b.what FROM bad b ORDER BY b.at LIMIT 20) INTO wrong, examples FROM bad b;
	SELECT count(*) INTO counted FROM hall.contact_key k WHERE k.at >= since;
	RETURN NEXT;

	RETURN QUERY SELECT a."check", a.counted, a.wrong, a.examples FROM hall.audit_blasts(since) a;
	RETURN QUERY SELECT a."check", a.counted, a.wrong, a.examples FROM hall.audit_reminders(since) a;
END
$$;

REVOKE ALL ON FUNCTION hall.audit(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.audit(timestamptz) TO hall_ops;
