-- hall.blast_show(who, blast): all that a blast consists of.
-- Called by smsctl and the HTTP API.
-- Parameters: who: a viewer; blast.
-- Result: outcome; detail: the columns of hall.blast, texts and variants as hall.blast_apply() takes them; opt_out (the class's
-- line in each language, appended where a text does not hold it);
-- again, again_whys: what was perhaps sent twice, as hall.blast_repeats() says.
-- Outcomes: ok, forbidden, no_such_blast.
-- Tables: hall.blast, hall.blast_variant, hall.blast_text, hall.message_class, hall.blast_again.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_show(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	SELECT to_jsonb(e.blast) - 'checked_at' || jsonb_build_object(
		'variants', (SELECT jsonb_object_agg(v.variant, v.share) FROM hall.blast_variant v WHERE v.blast = (e.blast).id),
		'texts', (SELECT jsonb_object_agg(t.variant, t.texts)
			FROM (SELECT x.variant, jsonb_object_agg(x.lang, x.text) AS texts
				FROM hall.blast_text x WHERE x.blast = (e.blast).id GROUP BY x.variant) AS t),
		'opt_out', jsonb_build_object('zh', c.opt_out_zh, 'en', c.opt_out_en),
		'sends_from', coalesce((e.blast).port, c.port)) || hall.blast_repeats((e.blast).id)
	INTO detail
	FROM hall.message_class c WHERE c.class = (e.blast).class;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_show(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_show(text, text) TO smsd, hall_campaign, hall_viewer, hall_ops;
