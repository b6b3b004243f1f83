-- hall.door_put(msisdn …, id …, class, cause, cause_id …, wording, text …, lang …, segments …, port, version, now):
-- messages that no customer asked for, to be sent when hall.door_take() finds them due.
-- Called by smsd for what a reminder or a blast makes; arrays of the same length, one element a message.
-- Parameters: numbers; ids, which follow from the cause, so that the same call again does nothing; class: otp | service |
-- notice | commercial; cause: reminder | blast; which one; wording, as in hall.mt; the whole texts, the class's opt-out
-- line in them (smsd/text/optout.h appends it); their languages, zh | en; their segments; the port, which a class that has
-- its own may only extend (NULL: that one); version of the tables; now: the time of the cause, cut to the second.
-- Result: how many are new.  One that lacks its opt-out line is kept as refused.
-- Errors: 22023 when the class has no rules.
-- Tables: writes hall.mt, hall.held; hall.message_class, hall.number_range.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.door_put(p_msisdn text[], p_id uuid[], p_class text, p_cause text, p_cause_id uuid[],
	p_wording text, p_text text[], p_lang text[], p_segments smallint[], p_port text, p_version integer,
	p_now timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	rule hall.message_class;
	-- Delivery reports name a message by its key, and its time there in seconds.
	made_at timestamptz := date_trunc('second', p_now);
	made integer;
BEGIN
	SELECT c.* INTO rule FROM hall.message_class c WHERE c.class::text = p_class;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'door_put: no rules for messages of class %', p_class
			USING ERRCODE = '22023', HINT = 'hall.message_class lists the classes.';
	END IF;
	IF rule.port IS NOT NULL AND NOT starts_with(coalesce(p_port, ''), rule.port) THEN
		p_port := rule.port;
	END IF;
	WITH new AS (
		INSERT INTO hall.mt AS m (msisdn, at, id, class, cause, cause_id, port, link, receiver, text, segments, report, version,
			wording, until, state, why, instance, conn, batch)
		SELECT t.msisdn, made_at, t.id, rule.class, p_cause::hall.mt_cause, t.cause_id, p_port,
			hall.link_of(t.msisdn), t.msisdn, t.text, t.segments, true, p_version, p_wording, made_at + rule.valid,
			CASE WHEN l.there THEN 'held'::hall.mt_state ELSE 'refused' END,
			CASE WHEN l.there THEN 'new' ELSE 'no_opt_out' END, '-', 0, 0
		FROM unnest(p_msisdn, p_id, p_cause_id, p_text, p_lang, p_segments)
			AS t (msisdn, id, cause_id, text, lang, segments),
		LATERAL (SELECT strpos(t.text, CASE t.lang WHEN 'en' THEN rule.opt_out_en ELSE rule.opt_out_zh END) > 0
			OR CASE t.lang WHEN 'en' THEN rule.opt_out_en ELSE rule.opt_out_zh END = '' AS there) AS l
		ON CONFLICT DO NOTHING
		RETURNING m.msisdn, m.at, m.id, m.link, m.state
	), held AS (
		INSERT INTO hall.held (msisdn, at, id, class, link, due)
		SELECT n.msisdn, n.at, n.id, rule.class, coalesce(n.link, ''), n.at
		FROM new n
		WHERE n.state = 'held'
	)
	SELECT count(*) INTO made FROM new;
	RETURN made;
END
$$;

REVOKE ALL ON FUNCTION hall.door_put(text[], uuid[], text, text, uuid[], text, text[], text[], smallint[], text, integer,
	timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.door_put(text[], uuid[], text, text, uuid[], text, text[], text[], smallint[], text, integer,
	timestamptz) TO smsd;
