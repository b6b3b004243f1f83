-- hall.blast_apply(blast, changes): sets what a blast consists of, but for its list.
-- Called by hall.blast_new() and hall.blast_edit().
-- Parameters: the blast's number; changes, by key (null: back to the default):
--   name class port rate spread starts_at ends_at control steers over_cap note	as in hall.blast; times and spans as texts
--   columns	an array of names
--   texts	{"zh": …, "en": …}, or one of these for each variant: {"A": {…}, "B": {…}}
--   variants	the share of each: {"A": 50, "B": 50}
-- Result: NULL, NULL; else the key that is wrong, and why.  Then something may have been changed: roll it back.
-- Tables: writes hall.blast, hall.blast_variant, hall.blast_text; reads hall.message_class.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_apply(p_blast integer, p_changes jsonb, OUT field text, OUT why text)
LANGUAGE plpgsql
SET search_path = hall, pg_temp
SET timezone = 'Asia/Shanghai'
AS $$
DECLARE
	k text;
	v text;
	j jsonb;
	constrained text;
BEGIN
	IF jsonb_typeof(p_changes) IS DISTINCT FROM 'object' THEN
		field := 'changes';
		why := 'an object is wanted';
		RETURN;
	END IF;
	-- texts make the variants whose shares come after.
	FOR k, j IN SELECT e.key, e.value FROM jsonb_each(p_changes) AS e ORDER BY e.key <> 'class', e.key <> 'texts', e.key LOOP
		field := k;
		v := j #>> '{}';
		BEGIN
			CASE k
			WHEN 'name' THEN UPDATE hall.blast SET name = v WHERE id = p_blast;
			WHEN 'class' THEN
				IF NOT EXISTS (SELECT FROM hall.message_class c WHERE c.class::text = v) THEN
					why := 'there is no such class of messages; there are '
						|| (SELECT string_agg(c.class::text, ', ' ORDER BY c.class) FROM hall.message_class c);
					RETURN;
				END IF;
				UPDATE hall.blast SET class = v::hall.mt_class WHERE id = p_blast;
			WHEN 'port' THEN UPDATE hall.blast SET port = v WHERE id = p_blast;
			WHEN 'rate' THEN UPDATE hall.blast SET rate = v::integer WHERE id = p_blast;
			WHEN 'spread' THEN UPDATE hall.blast SET spread = v::interval WHERE id = p_blast;
			WHEN 'starts_at' THEN UPDATE hall.blast SET starts_at = v::timestamptz WHERE id = p_blast;
			WHEN 'ends_at' THEN UPDATE hall.blast SET ends_at = v::timestamptz WHERE id = p_blast;
			WHEN 'control' THEN UPDATE hall.blast SET control = coalesce(v::smallint, 0) WHERE id = p_blast;
			WHEN 'steers' THEN UPDATE hall.blast SET steers = v WHERE id = p_blast;
			WHEN 'over_cap' THEN UPDATE hall.blast SET over_cap = coalesce(v, 'hold') WHERE id = p_blast;
			WHEN 'note' THEN UPDATE hall.blast SET note = coalesce(v, '') WHERE id = p_blast;
			WHEN 'columns' THEN
				why := hall.blast_columns(p_blast, j);
			WHEN 'texts' THEN
				why := hall.blast_texts_set(p_blast, j);
			WHEN 'variants' THEN
				why := hall.blast_shares_set(p_blast, j);
			ELSE
				why := 'nothing of a blast is called so';
			END CASE;
		EXCEPTION
			WHEN check_violation OR unique_violation THEN
				GET STACKED DIAGNOSTICS constrained = CONSTRAINT_NAME;
				why := CASE constrained
					WHEN 'blast_name' THEN 'another blast has that name'
					WHEN 'blast_name_form' THEN 'letters, digits, - and _ are wanted, a letter first, at most 64'
					WHEN 'blast_port' THEN 'digits are wanted'
					WHEN 'blast_rate' THEN 'from 1 to 100000 messages a second are possible'
					WHEN 'blast_spread' THEN 'more than nothing and at most 366 days are possible'
					WHEN 'blast_control' THEN 'from 0 to 90 percent are possible'
					WHEN 'blast_steers' THEN 'the name of a channel is wanted: small letters, digits, _'
					WHEN 'blast_over_cap' THEN 'hold or drop'
					WHEN 'blast_text_lang' THEN 'texts are zh and en'
					WHEN 'blast_text_some' THEN 'a text is empty, or longer than 10000 characters'
					WHEN 'blast_variant_form' THEN 'variants are named by a letter, then letters, digits or _, at most 16'
					WHEN 'blast_variant_share' THEN 'shares are from 1 to 1000'
					ELSE SQLERRM END;
			WHEN data_exception OR not_null_violation THEN
				why := SQLERRM;
		END;
		IF why IS NOT NULL THEN
			RETURN;
		END IF;
	END LOOP;

	SELECT f.field, f.why INTO field, why
	FROM hall.blast b JOIN hall.message_class c ON c.class = b.class,
	LATERAL (VALUES
		('port', CASE WHEN NOT starts_with(b.port, c.port) THEN format('messages of class %s come from %s or an extension of it',
			b.class, c.port) END),
		('ends_at', CASE WHEN b.ends_at <= b.starts_at THEN 'it would end before it begins' END)) AS f (field, why)
	WHERE b.id = p_blast AND f.why IS NOT NULL LIMIT 1;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_apply(integer, jsonb) FROM PUBLIC;
