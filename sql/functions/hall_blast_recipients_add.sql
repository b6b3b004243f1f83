-- hall.blast_recipients_add(who, blast, load, bad, most): puts what was loaded into hall.blast_load on a blast's list.
-- Called by smsctl after its COPY, and by the HTTP API after its arrays, in the same transaction as these.  What was
-- submitted or approved is a draft again.
-- Parameters: who: an author; blast; load: which rows; bad: keep the good rows, or refuse all if any is bad; most: so many bad
-- rows are listed at most.
-- Result: outcome; detail: lines, added, recipients (on the list now), bad (how many by reason), rows (the first bad ones:
-- line, reason, and of a duplicate the line that it repeats), blocked (on the list `block`: they stay on this list,
-- and the door refuses them as long as they are).
-- Reasons: those of hall.blast_row_why(); duplicate: of an earlier line; known: on the list already.
-- Outcomes: ok, bad_rows, forbidden, no_such_blast, wrong_state, bad_value.
-- Tables: writes hall.blast_recipient, hall.blast, hall.blast_log; empties its rows of hall.blast_load; reads hall.number_list.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_recipients_add(p_who text, p_blast text, p_load uuid, p_bad text DEFAULT 'refuse',
	p_most integer DEFAULT 20, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on
SET work_mem = '128MB'
SET jit = off
AS $$
DECLARE
	e record;
	b hall.blast;
	width integer;
	lines bigint;
	added bigint := 0;
	reasons jsonb := '{}';
	worst jsonb := '[]';
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author}', p_blast, '{draft,submitted,approved}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome = 'ok' AND (p_bad IS NULL OR p_bad NOT IN ('keep', 'refuse')) THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'bad', 'why', 'keep or refuse');
	END IF;
	IF outcome <> 'ok' THEN
		DELETE FROM hall.blast_load l WHERE l.load = p_load;
		RETURN;
	END IF;
	b := e.blast;
	width := cardinality(b.columns);
	SELECT count(*) INTO lines FROM hall.blast_load l WHERE l.load = p_load;

	-- Files are clean mostly: three quick looks then save the sorting out.
	IF NOT EXISTS (SELECT FROM hall.blast_load l WHERE l.load = p_load AND hall.blast_row_why(l.msisdn, l.lang, l.data, width) IS NOT NULL)
			AND lines = (SELECT count(*) FROM (SELECT FROM hall.blast_load l WHERE l.load = p_load GROUP BY l.msisdn) AS g)
			AND (b.recipients = 0 OR NOT EXISTS (SELECT FROM hall.blast_load l JOIN hall.blast_recipient r ON r.msisdn = l.msisdn
				WHERE l.load = p_load AND r.blast = b.id)) THEN
		INSERT INTO hall.blast_recipient (blast, n, msisdn, lang, data)
		SELECT b.id, b.recipients + row_number() OVER (ORDER BY l.line), l.msisdn, l.lang, coalesce(l.data, '{}')
		FROM hall.blast_load l
		WHERE l.load = p_load;
		added := lines;
	ELSIF p_bad = 'keep' THEN
		WITH good AS (
			SELECT DISTINCT ON (l.msisdn) l.msisdn, l.line, l.lang, l.data
			FROM hall.blast_load l
			WHERE l.load = p_load AND hall.blast_row_why(l.msisdn, l.lang, l.data, width) IS NULL
			ORDER BY l.msisdn, l.line
		)
		INSERT INTO hall.blast_recipient (blast, n, msisdn, lang, data)
		SELECT b.id, b.recipients + row_number() OVER (ORDER BY g.line), g.msisdn, g.lang, coalesce(g.data, '{}')
		FROM good g
		WHERE b.recipients = 0 OR NOT EXISTS (SELECT FROM hall.blast_recipient r WHERE r.blast = b.id AND r.msisdn = g.msisdn);
		GET DIAGNOSTICS added = ROW_COUNT;
	END IF;
	IF added < lines THEN
		WITH bad AS MATERIALIZED (SELECT w.* FROM hall.blast_load_whys(p_load, b.id, b.recipients, width) AS w),
		counted AS (SELECT w.why, count(*) AS n FROM bad w GROUP BY w.why),
		first AS (SELECT w.* FROM bad w ORDER BY w.line LIMIT greatest(coalesce(p_most, 20), 0))
		SELECT coalesce((SELECT jsonb_object_agg(c.why, c.n) FROM counted c), '{}'),
			coalesce((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('line', f.line, 'reason', f.why, 'of', f.of))
				ORDER BY f.line) FROM first f), '[]')
		INTO reasons, worst;
	END IF;
	SELECT detail || jsonb_build_object('lines', lines, 'added', added, 'recipients', b.recipients + added, 'bad', reasons,
		'rows', worst, 'blocked', count(*))
	INTO detail
	FROM hall.number_list k JOIN hall.blast_load l ON l.msisdn = k.msisdn
	WHERE k.list = 'block' AND l.load = p_load;
	DELETE FROM hall.blast_load l WHERE l.load = p_load;
	IF p_bad = 'refuse' AND reasons <> '{}' THEN
		outcome := 'bad_rows';
		detail := detail || jsonb_build_object('why', 'some rows are bad, so none was taken');
		RETURN;
	END IF;
	PERFORM hall.blast_reopen(b.id);
	UPDATE hall.blast SET recipients = recipients + added, list_hash = NULL WHERE id = b.id;
	PERFORM hall.blast_note(b.id, e.who, 'recipients', jsonb_build_object('lines', lines, 'added', added, 'bad', reasons));
	detail := detail || jsonb_build_object('state', 'draft', 'approval_lost', b.state = 'approved');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_recipients_add(text, text, uuid, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_recipients_add(text, text, uuid, text, integer) TO smsd, hall_campaign;
