-- hall.blast_submit(who, blast): the author is done; somebody else may approve it.
-- Called by smsctl and the HTTP API, which have compiled its texts and checked each name in them against the columns.
-- Parameters: who: an author; blast.
-- Result: outcome; detail: hash (what an approver approves), recipients, state.
-- Outcomes: ok, incomplete (detail.field: recipients | texts), too_late, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_range, hall.blast_log; reads hall.blast_text, hall.blast_recipient.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_submit(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
	b hall.blast;
	hash text;
	lacking text;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author}', p_blast, '{draft}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	SELECT string_agg(format('%s of variant %s', l.lang, v.variant), ', ' ORDER BY v.variant, l.lang) INTO lacking
	FROM hall.blast_variant v CROSS JOIN (VALUES ('zh'), ('en')) AS l (lang)
	WHERE v.blast = b.id AND NOT EXISTS (SELECT FROM hall.blast_text t
		WHERE t.blast = b.id AND t.variant = v.variant AND t.lang = l.lang);
	IF lacking IS NOT NULL OR NOT EXISTS (SELECT FROM hall.blast_text t WHERE t.blast = b.id) THEN
		outcome := 'incomplete';
		detail := jsonb_build_object('field', 'texts', 'why', format('lacking: %s', coalesce(lacking, 'all texts')));
	ELSIF b.recipients = 0 THEN
		outcome := 'incomplete';
		detail := jsonb_build_object('field', 'recipients', 'why', 'nobody is on the list');
	ELSIF b.ends_at <= now() THEN
		outcome := 'too_late';
		detail := jsonb_build_object('field', 'ends_at', 'why', 'its end is in the past');
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	IF b.list_hash IS NULL THEN
		PERFORM hall.blast_seal(b.id);
	END IF;
	hash := hall.blast_hash(b.id);
	UPDATE hall.blast SET state = 'submitted', submitter = e.who, submitted_at = now(), content_hash = hash WHERE id = b.id;
	PERFORM hall.blast_note(b.id, e.who, 'submit', jsonb_build_object('hash', hash));
	detail := detail || jsonb_build_object('hash', hash, 'recipients', b.recipients, 'state', 'submitted');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_submit(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_submit(text, text) TO smsd, hall_campaign;
