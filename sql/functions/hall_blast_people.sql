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
-- A table that was never analysed looks small, and one loop in another would take for ever.
SET enable_nestloop = off
SET enable_mergejoin = off
SET work_mem = '128MB'
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	variants text[];
	uptos double precision[];
	firsts integer[];
	nexts integer[];
	earliest timestamptz := p_blast.started_at - interval '1 day';
	latest timestamptz := coalesce(p_blast.finished_at, now()) + interval '1 day';
BEGIN
	SELECT s.variants, s.uptos INTO variants, uptos FROM hall.blast_split(p_blast.id) s;
	SELECT array_agg(g.first ORDER BY g.first), array_agg(g.next ORDER BY g.first) INTO firsts, nexts
	FROM hall.blast_range g WHERE g.blast = p_blast.id;
	RETURN QUERY
	SELECT v.n, v.msisdn, v.lang, v.variant, CASE WHEN v.variant IS NULL THEN 'control' ELSE coalesce(m.state::text, 'gone') END, m.why,
		CASE WHEN v.variant IS NULL THEN p_blast.started_at
			WHEN m.state NOT IN ('held', 'refused') THEN greatest(m.at, timestamptz 'epoch' + m.batch * interval '1 microsecond') END,
		m.reported_at, m.port
	-- OFFSET 0: each variant is worked out once, not wherever it is asked for.
	FROM (SELECT r.n, r.msisdn, r.lang, hall.blast_variant_at(p_blast.uuid, r.msisdn, p_blast.control, variants, uptos) AS variant
		FROM hall.blast_recipient r
		WHERE r.blast = p_blast.id AND r.n < nexts[width_bucket(r.n, firsts)]
		OFFSET 0) AS v
	LEFT JOIN hall.mt m ON m.msisdn = v.msisdn AND m.cause = 'blast' AND m.cause_id = p_blast.uuid AND m.at BETWEEN earliest AND latest;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_people(hall.blast) FROM PUBLIC;
