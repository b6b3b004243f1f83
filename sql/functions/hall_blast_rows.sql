-- hall.blast_rows(who, blast, most): recipients spread evenly over a blast's list, as they will be written to.
-- Called by smsctl blast preview and test and by the HTTP API, which render their messages and count segments.
-- Parameters: who: see hall.blast_actor(), a viewer; blast; so many at most.
-- Result: n; the number, masked; lang and variant as when it is sent; variant NULL: control group; data: his columns.
-- Errors: 42501 for who may not, P0002 when there is no such blast.
-- Tables: hall.blast, hall.blast_recipient, hall.blast_variant, hall.subscriber, and those of hall_api.profile().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_rows(p_who text, p_blast text, p_most integer)
RETURNS TABLE (n integer, msisdn text, lang text, variant text, data text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = hall, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	e record;
	b hall.blast;
	step double precision;
	split record;
	ns integer[];
	numbers text[];
	langs text[];
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	IF e.outcome <> 'ok' THEN
		RAISE EXCEPTION '%', e.detail ->> 'why'
			USING ERRCODE = CASE e.outcome WHEN 'forbidden' THEN '42501' ELSE 'P0002' END;
	END IF;
	b := e.blast;
	step := greatest(b.recipients / greatest(p_most, 1)::double precision, 1);
	SELECT s.* INTO split FROM hall.blast_split(b.id) s;
	SELECT array_agg(r.n ORDER BY r.n), array_agg(r.msisdn ORDER BY r.n), array_agg(r.lang ORDER BY r.n)
	INTO ns, numbers, langs
	FROM (SELECT DISTINCT 1 + floor(i * step)::integer AS n
		FROM generate_series(0, least(p_most, b.recipients)::integer - 1) AS i) AS k
	JOIN hall.blast_recipient r ON r.blast = b.id AND r.n = k.n;
	IF array_position(langs, NULL) > 0 THEN
		langs := hall.blast_langs(numbers, langs);
	END IF;
	RETURN QUERY
	SELECT k.n, hall.mask(k.msisdn), k.lang,
		hall.blast_variant_at(b.uuid, k.msisdn, b.control, split.variants, split.uptos), r.data
	FROM unnest(ns, numbers, langs) AS k (n, msisdn, lang)
	JOIN hall.blast_recipient r ON r.blast = b.id AND r.n = k.n
	ORDER BY k.n;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_rows(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_rows(text, text, integer) TO smsd, hall_campaign, hall_viewer, hall_ops;
