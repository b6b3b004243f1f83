-- hall_api.contacts(msisdn …, channel …, business …, key …, at …): as hall_api.contact(), for many uses at once.  What is wrong with
-- one of them is told of it alone, and the others are kept.
-- Parameters: arrays of the same length, one element a use; see there.
-- Result: a row a use, in their order: n, from 1; outcome; id, NULL when refused.
-- Outcomes: as hall_api.contact(); of two with one key the second is known.
-- Errors: 22023 when the arrays are not of one length.
-- Tables: writes hall.contact_elsewhere, hall.contact_key.
-- Locks: the keys, in their order.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.contact_outcome', 'ok', 'known', 'bad_number', 'bad_channel', 'bad_key', 'bad_time');

CREATE OR REPLACE FUNCTION hall_api.contacts(p_msisdn text[], p_channel text[], p_business text[], p_key text[],
	p_at timestamptz[] DEFAULT NULL)
RETURNS TABLE (n integer, outcome hall_api.contact_outcome, id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	uses integer := coalesce(cardinality(p_msisdn), 0);
BEGIN
	IF uses <> coalesce(cardinality(p_channel), 0) OR uses <> coalesce(cardinality(p_business), 0)
		OR uses <> coalesce(cardinality(p_key), 0) OR (p_at IS NOT NULL AND uses <> cardinality(p_at)) THEN
		RAISE EXCEPTION 'contacts: the arrays are not of one length'
			USING ERRCODE = '22023', HINT = 'Give one element a use; NULL where there is none.';
	END IF;
	RETURN QUERY
	WITH said AS MATERIALIZED (
		SELECT t.n, t.msisdn, t.channel, t.business, t.key, coalesce(t.at, now()) AS at,
			CASE
			WHEN t.msisdn ~ '^(1[3-9][0-9]{9}|\+[1-9][0-9]{6,14})$' AND t.msisdn !~ '^\+86' THEN
				CASE
				WHEN t.channel IS NULL OR t.channel !~ '^[a-z][a-z0-9_]{0,31}$' OR t.channel = 'sms' THEN 'bad_channel'
				WHEN t.key IS NULL OR t.key = '' OR length(t.key) > 200 THEN 'bad_key'
				WHEN t.at > now() + interval '1 hour' OR t.at < now() - interval '13 months' THEN 'bad_time'
				END
			ELSE 'bad_number'
			END AS wrong
		FROM unnest(p_msisdn, p_channel, p_business, p_key, p_at) WITH ORDINALITY
			AS t (msisdn, channel, business, key, at, n)
	), good AS MATERIALIZED (
		SELECT DISTINCT ON (s.channel, s.key) s.*, md5(s.channel || ':' || s.key)::uuid AS id
		FROM said s
		WHERE s.wrong IS NULL
		ORDER BY s.channel, s.key, s.n
	), new AS (
		INSERT INTO hall.contact_key AS k (channel, key, msisdn, at)
		SELECT g.channel, g.key, g.msisdn, g.at FROM good g ORDER BY g.channel, g.key
		ON CONFLICT ON CONSTRAINT contact_key_pkey DO NOTHING
		RETURNING k.channel, k.key
	), kept AS (
		INSERT INTO hall.contact_elsewhere (msisdn, at, id, channel, business)
		SELECT g.msisdn, g.at, g.id, g.channel, g.business
		FROM new JOIN good g ON g.channel = new.channel AND g.key = new.key
		ON CONFLICT DO NOTHING		-- its key was purged a little before it
	)
	SELECT s.n::integer,
		coalesce(s.wrong, CASE WHEN g.n = s.n AND new.key IS NOT NULL THEN 'ok' ELSE 'known' END)::hall_api.contact_outcome,
		CASE WHEN s.wrong IS NULL THEN md5(s.channel || ':' || s.key)::uuid END
	FROM said s
	LEFT JOIN good g ON s.wrong IS NULL AND g.channel = s.channel AND g.key = s.key
	LEFT JOIN new ON new.channel = g.channel AND new.key = g.key
	ORDER BY s.n;
END
$$;

REVOKE ALL ON FUNCTION hall_api.contacts(text[], text[], text[], text[], timestamptz[]) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.contacts(text[], text[], text[], text[], timestamptz[]) TO hall_channel, hall_ops;
