-- hall.blast_people(blast): each recipient of a blast that was handled, with what became of his message.
-- Called by hall.blast_report() and hall.blast_export().
-- Parameters: the blast.
-- Result: a row a recipient: n, msisdn, lang (as the list has it), variant (NULL: control group), state (control | held | refused |
-- queued | rejected | accepted | buffered | failed | delivered | gone: erased, or older than what is kept), why, sent_at (when it
-- was handed to a gateway; for the control group when the blast began), reported_at, port.
-- Tables: hall.blast_recipient, hall.blast_range, hall.blast_variant, hall.mt.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_people(p_blast hall.blast)
RETURNS TABLE (n integer, msisdn text, lang text, variant text, state text, why text, sent_at timestamptz, reported_at timestamptz,
	port text)
LANGUAGE plpgsql STABLE ROWS 100000
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on
SET work_mem = '64MB'
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	variants text[];
	uptos double precision[];
	earliest timestamptz := p_blast.started_at - interval '1 day';
	latest timestamptz := coalesce(p_blast.finished_at, now()) + interval '1 day';
BEGIN
	SELECT s.variants, s.uptos INTO variants, uptos FROM hall.blast_split(p_blast.id) s;
	RETURN QUERY
	SELECT r.n, r.msisdn, r.lang, v.variant, CASE WHEN v.variant IS NULL THEN 'control' ELSE coalesce(m.state::text, 'gone') END, m.why,
		CASE WHEN v.variant IS NULL THEN p_blast.started_at
			WHEN m.state NOT IN ('held', 'refused') THEN greatest(m.at, timestamptz 'epoch' + m.batch * interval '1 microsecond') END,
		m.reported_at, m.port
	FROM hall.blast_range g
	JOIN hall.blast_recipient r ON r.blast = g.blast AND r.n >= g.first AND r.n < g.next
	CROSS JOIN LATERAL (SELECT hall.blast_variant_at(p_blast.uuid, r.msisdn, p_blast.control, variants, uptos) AS variant) AS v
	LEFT JOIN hall.mt m ON m.msisdn = r.msisdn AND m.cause = 'blast' AND m.cause_id = p_blast.uuid AND m.at BETWEEN earliest AND latest
	WHERE g.blast = p_blast.id;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_people(hall.blast) FROM PUBLIC;
