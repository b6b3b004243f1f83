-- hall.blast_new(who, name, class, columns, texts, options): begins a blast.
-- Called by smsctl and the HTTP API.
-- Parameters: who: see hall.blast_actor(), an author; name; class: otp | service | notice | commercial; columns of its
-- recipients beside msisdn and lang; texts and options: the other keys of hall.blast_apply().
-- Result: outcome; detail: id, name, uuid.
-- Outcomes: ok, forbidden, name_taken, bad_value (detail: field, why).
-- Tables: writes hall.blast, hall.blast_variant, hall.blast_text, hall.blast_log.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_new(p_who text, p_name text, p_class text, p_columns text[] DEFAULT '{}',
	p_texts jsonb DEFAULT NULL, p_options jsonb DEFAULT '{}', OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	actor text := hall.blast_actor(p_who, 'hall_author');
	made integer;
	said record;
	changes jsonb := jsonb_build_object('class', p_class, 'columns', to_jsonb(coalesce(p_columns, '{}')));
BEGIN
	IF actor IS NULL THEN
		outcome := 'forbidden';
		detail := jsonb_build_object('why', 'this needs the role hall_author, in one''s own name');
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM hall.blast b WHERE b.name = p_name) THEN
		outcome := 'name_taken';
		detail := jsonb_build_object('field', 'name', 'why', format('there is a blast %s already', p_name));
		RETURN;
	END IF;
	IF p_name IS NULL OR p_name !~ '^[A-Za-z][A-Za-z0-9_-]{0,63}$' THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'name', 'why',
			'letters, digits, - and _ are wanted, a letter first, at most 64');
		RETURN;
	END IF;
	IF p_texts IS NOT NULL THEN
		changes := changes || jsonb_build_object('texts', p_texts);
	END IF;
	BEGIN
		INSERT INTO hall.blast (name, class, author) VALUES (p_name, 'service', actor) RETURNING id INTO made;
		SELECT a.* INTO said FROM hall.blast_apply(made, coalesce(p_options, '{}') || changes) a;
		IF said.why IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'HB001', MESSAGE = said.why;
		END IF;
	EXCEPTION
		WHEN SQLSTATE 'HB001' THEN
			outcome := 'bad_value';
			detail := jsonb_build_object('field', said.field, 'why', said.why);
			RETURN;
		WHEN unique_violation THEN	-- somebody else at the same moment
			outcome := 'name_taken';
			detail := jsonb_build_object('field', 'name', 'why', format('there is a blast %s already', p_name));
			RETURN;
	END;
	PERFORM hall.blast_note(made, actor, 'new', coalesce(p_options, '{}') || changes);
	outcome := 'ok';
	SELECT jsonb_build_object('id', b.id, 'name', b.name, 'uuid', b.uuid, 'state', b.state) INTO detail
	FROM hall.blast b WHERE b.id = made;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_new(text, text, text, text[], jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_new(text, text, text, text[], jsonb, jsonb) TO smsd, hall_campaign;
