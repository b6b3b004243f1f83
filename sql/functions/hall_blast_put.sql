-- hall.blast_put(instance, conn, batch, blast, port, msisdn …, id …, variant …, lang …, text …, segments …, why …, due …, link …,
-- now): the messages of one step of a blast.
-- Called by smsd after hall.blast_take(), in the same transaction; it sends what may go after its commit.
-- Parameters: instance, connection and batch that send them (hall.mt); the blast; the port they come from; arrays of the same
-- length, one element a recipient: number; id, which follows from the blast and his n; variant and lang; the whole text, its
-- opt-out line in it, and its segments; why, due and link as hall.blast_take() said.  now.
-- Result: how many are queued.
-- Where the blast steers to a channel, who is sent it now was told of it, and who in the control group would have been is there to
-- compare with.  Those who must wait count for neither.
-- Errors: 23514 when a text lacks the opt-out line of its class.
-- Tables: writes hall.mt, hall.held, hall.blast_held, hall.exposure; reads hall.blast, hall.message_class.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_put(p_instance text, p_conn smallint, p_batch bigint, p_blast integer, p_port text,
	p_msisdn text[], p_id uuid[], p_variant text[], p_lang text[], p_text text[], p_segments smallint[], p_why text[],
	p_due timestamptz[], p_link text[], p_now timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	b hall.blast;
	rule hall.message_class;
	-- Delivery reports name a message by its key, and its time there in seconds.
	made_at timestamptz := date_trunc('second', p_now);
	made integer;
BEGIN
	SELECT x.* INTO STRICT b FROM hall.blast x WHERE x.id = p_blast;
	SELECT c.* INTO STRICT rule FROM hall.message_class c WHERE c.class = b.class;
	IF EXISTS (SELECT FROM unnest(p_variant, p_lang, p_text) AS t (variant, lang, text)
			WHERE t.variant IS NOT NULL
			  AND strpos(t.text, CASE t.lang WHEN 'en' THEN rule.opt_out_en ELSE rule.opt_out_zh END) = 0
			  AND CASE t.lang WHEN 'en' THEN rule.opt_out_en ELSE rule.opt_out_zh END <> '') THEN
		RAISE EXCEPTION 'blast_put: a text of blast % lacks the opt-out line', b.name
			USING ERRCODE = '23514', HINT = 'smsd appends it to each.';
	END IF;
	WITH new AS (
		INSERT INTO hall.mt AS m (msisdn, at, id, class, cause, cause_id, port, link, receiver, text, segments, report, wording, until,
			state, why, instance, conn, batch)
		SELECT t.msisdn, made_at, t.id, b.class, 'blast', b.uuid, p_port, nullif(t.link, ''), t.msisdn, t.text, t.segments, true,
			b.name || ' ' || t.variant, least(b.ends_at, made_at + rule.valid),
			CASE WHEN t.why IS NULL THEN 'queued' WHEN t.due IS NULL THEN 'refused' ELSE 'held' END::hall.mt_state, t.why,
			CASE WHEN t.why IS NULL THEN p_instance ELSE '-' END, CASE WHEN t.why IS NULL THEN p_conn ELSE 0 END,
			CASE WHEN t.why IS NULL THEN p_batch ELSE 0 END
		FROM unnest(p_msisdn, p_id, p_variant, p_text, p_segments, p_why, p_due, p_link)
			AS t (msisdn, id, variant, text, segments, why, due, link)
		WHERE t.variant IS NOT NULL
		RETURNING m.state
	)
	SELECT count(*) FILTER (WHERE n.state = 'queued') INTO made FROM new n;
	WITH held AS (
		INSERT INTO hall.held (msisdn, at, id, class, link, due)
		SELECT t.msisdn, made_at, t.id, b.class, coalesce(t.link, ''), t.due
		FROM unnest(p_msisdn, p_id, p_variant, p_due, p_link) AS t (msisdn, id, variant, due, link)
		WHERE t.due IS NOT NULL AND t.variant IS NOT NULL
		RETURNING msisdn, at, id
	)
	INSERT INTO hall.blast_held (blast, msisdn, at, id) SELECT b.id, h.msisdn, h.at, h.id FROM held h;
	IF b.steers IS NOT NULL THEN
		PERFORM hall.exposure_put('blast', b.name, NULL, array_agg(b.steers), array_agg(t.msisdn), array_agg(t.id),
			array_agg(t.variant IS NULL), made_at)
		FROM unnest(p_msisdn, p_id, p_variant, p_why, p_due) AS t (msisdn, id, variant, why, due)
		WHERE t.why IS NULL OR (t.variant IS NULL AND t.due IS NOT NULL)
		HAVING count(*) > 0;
	END IF;
	RETURN made;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_put(text, smallint, bigint, integer, text, text[], uuid[], text[], text[], text[], smallint[],
	text[], timestamptz[], text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_put(text, smallint, bigint, integer, text, text[], uuid[], text[], text[], text[], smallint[],
	text[], timestamptz[], text[], timestamptz) TO smsd;
