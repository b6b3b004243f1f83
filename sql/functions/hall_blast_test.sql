-- hall.blast_test(who, blast, msisdn …, lang …, variant …, text …, segments …, port, now): a blast's messages to staff, before anybody
-- approves it.
-- Called by smsctl blast test and the HTTP API, which render them.
-- Parameters: who: see hall.blast_actor(), an author or an approver; blast; arrays of the same length, one element a message;
-- port: which they come from where neither the blast nor its class has one; now.  Whole texts, the opt-out line in them.
-- Result: outcome; detail: messages (an array of id, msisdn masked), cause.  They stand in hall.mt with cause blast and an id of
-- their own as cause_id, so that no report counts them, and go as messages of their class do: hours, caps and consent hold.
-- Outcomes: ok, bad_value (more than 20 messages, or than 200 in a day), forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast_log, and what hall.door_put() writes.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_test(p_who text, p_blast text, p_msisdn text[], p_lang text[], p_variant text[], p_text text[],
	p_segments smallint[], p_port text, p_now timestamptz, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
	b hall.blast;
	cause CONSTANT uuid := gen_random_uuid();
	ids uuid[];
	v text;
	before integer;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author,hall_approver}', p_blast,
		'{draft,submitted,approved,running,paused}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	SELECT coalesce(sum(jsonb_array_length(l.detail -> 'numbers')), 0) INTO before
	FROM hall.blast_log l WHERE l.blast = b.id AND l.action = 'test' AND l.at > p_now - interval '1 day';
	IF cardinality(p_msisdn) > 20 OR before + cardinality(p_msisdn) > 200 THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'numbers', 'why',
			'at most 20 messages are a test, and 200 in a day; for more there is approval');
		RETURN;
	END IF;
	SELECT array_agg(gen_random_uuid()) INTO ids FROM unnest(p_msisdn);
	FOR v IN SELECT DISTINCT u.variant FROM unnest(p_variant) AS u (variant) ORDER BY 1 LOOP
		PERFORM hall.door_put(array_agg(t.msisdn ORDER BY t.i), array_agg(t.id ORDER BY t.i), b.class::text, 'blast',
			array_agg(cause ORDER BY t.i), format('%s %s test', b.name, v), array_agg(t.text ORDER BY t.i),
			array_agg(t.lang ORDER BY t.i), array_agg(t.segments ORDER BY t.i), coalesce(b.port, p_port, '10086'), NULL, p_now)
		FROM unnest(p_msisdn, ids, p_variant, p_text, p_lang, p_segments) WITH ORDINALITY
			AS t (msisdn, id, variant, text, lang, segments, i)
		WHERE t.variant = v;
	END LOOP;
	PERFORM hall.blast_note(b.id, e.who, 'test', jsonb_build_object('numbers',
		(SELECT jsonb_agg(hall.mask(u.msisdn)) FROM unnest(p_msisdn) AS u (msisdn)), 'cause', cause));
	detail := detail || jsonb_build_object('cause', cause);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_test(text, text, text[], text[], text[], text[], smallint[], text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_test(text, text, text[], text[], text[], text[], smallint[], text, timestamptz) TO smsd, hall_campaign;
