-- hall.blast_export(who, blast, whole): all recipients of a blast, with what became of their messages.
-- Called by smsctl and the HTTP API.  Is written into the blast's log.
-- Parameters: who: a viewer; blast; whole: numbers unmasked, for hall_approver and hall_ops alone.
-- Result: a row a recipient in the order of the list; state waiting: not handled yet; else as hall.blast_people().
-- Errors: 42501 for who may not; 02000 when there is no such blast.
-- Tables: hall.blast_recipient and those of hall.blast_people(); writes hall.blast_log.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_export(p_who text, p_blast text, p_whole boolean DEFAULT false)
RETURNS TABLE (n integer, msisdn text, lang text, variant text, state text, why text, sent_at timestamptz, reported_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100000
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on
SET enable_nestloop = off	-- see hall.blast_people()
SET enable_mergejoin = off
SET work_mem = '64MB'
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who,
		CASE WHEN p_whole THEN ARRAY['hall_approver', 'hall_ops'] ELSE hall.blast_viewers() END, p_blast, NULL) x;
	IF e.outcome = 'forbidden' THEN
		RAISE EXCEPTION 'blast_export: %', e.detail->>'why' USING ERRCODE = '42501',
			HINT = 'Masked numbers are for everybody who may look at blasts.';
	ELSIF e.outcome <> 'ok' THEN
		RAISE EXCEPTION 'blast_export: %', e.detail->>'why' USING ERRCODE = '02000';
	END IF;
	PERFORM hall.blast_note((e.blast).id, e.who, 'export', jsonb_build_object('whole', coalesce(p_whole, false)));
	RETURN QUERY
	SELECT r.n, CASE WHEN p_whole THEN r.msisdn ELSE hall.mask(r.msisdn) END, r.lang, p.variant, coalesce(p.state, 'waiting'), p.why,
		CASE WHEN p.state <> 'control' THEN p.sent_at END, p.reported_at
	FROM hall.blast_recipient r
	LEFT JOIN hall.blast_people(e.blast) p ON p.n = r.n
	WHERE r.blast = (e.blast).id
	ORDER BY r.n;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_export(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_export(text, text, boolean) TO smsd, hall_campaign, hall_viewer, hall_ops;
