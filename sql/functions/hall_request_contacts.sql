-- hall.request_contacts(items, atomic): uses that another channel reports by HTTP, as with hall_api.contacts().
-- Called by smsd.
-- Parameters: an array of objects with msisdn, channel, business, key, at; those that have an error already are passed
-- through; atomic: refuse all where any is refused.
-- Result: one row: ok, and how many are new (ok), known and errors, with contacts: for each item, in its order, its key and
-- the outcome: ok | known with its id, or error with the error.
-- Errors: 22023 with atomic, where any is refused; those of hall_api.contacts.
-- Tables: those of hall_api.contacts.

SET LOCAL ROLE hall_api_owner;
GRANT EXECUTE ON FUNCTION hall_api.contacts(text[], text[], text[], text[], timestamptz[]) TO hall_owner;
SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_contacts(p_items jsonb, p_atomic boolean, OUT outcome text, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	wrong text;
BEGIN
	WITH item AS (
		SELECT i.value AS item, i.ordinality AS n, row_number() OVER (PARTITION BY i.value ? 'error' ORDER BY i.ordinality) AS k
		FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i
	), said AS (
		SELECT c.n AS k, c.outcome::text, c.id
		FROM (SELECT array_agg(i.item->>'msisdn' ORDER BY i.k) AS msisdn, array_agg(i.item->>'channel' ORDER BY i.k) AS channel,
				array_agg(i.item->>'business' ORDER BY i.k) AS business, array_agg(i.item->>'key' ORDER BY i.k) AS key,
				array_agg((i.item->>'at')::timestamptz ORDER BY i.k) AS at
			FROM item i WHERE NOT i.item ? 'error') AS a,
		LATERAL hall_api.contacts(a.msisdn, a.channel, a.business, a.key, a.at) AS c
		WHERE a.msisdn IS NOT NULL
	), answer AS (
		SELECT i.n, CASE
			WHEN i.item ? 'error' THEN i.item
			WHEN s.outcome IN ('ok', 'known') THEN jsonb_build_object('key', i.item->'key', 'outcome', s.outcome, 'id', s.id)
			ELSE jsonb_build_object('key', i.item->'key', 'outcome', 'error', 'error', jsonb_build_object('code', s.outcome,
				'field', format('contacts[%s].%s', i.n - 1, CASE s.outcome WHEN 'bad_number' THEN 'msisdn'
					WHEN 'bad_channel' THEN 'channel' WHEN 'bad_key' THEN 'key' ELSE 'at' END),
				'message', CASE s.outcome WHEN 'bad_channel' THEN 'small letters, digits and _ are wanted, and not sms'
					WHEN 'bad_time' THEN 'it is more than an hour ahead, or older than 13 months'
					ELSE 'it is none' END)) END AS item
		FROM item i LEFT JOIN said s ON NOT i.item ? 'error' AND s.k = i.k
	)
	SELECT jsonb_build_object('ok', count(*) FILTER (WHERE a.item->>'outcome' = 'ok'),
			'known', count(*) FILTER (WHERE a.item->>'outcome' = 'known'),
			'errors', count(*) FILTER (WHERE a.item->>'outcome' = 'error'), 'contacts', jsonb_agg(a.item ORDER BY a.n)),
		min(a.item#>>'{error,field}' || ': ' || (a.item#>>'{error,message}'))
	INTO detail, wrong
	FROM answer a;
	IF p_atomic AND wrong IS NOT NULL THEN
		RAISE EXCEPTION '%', wrong USING ERRCODE = '22023';
	END IF;
	outcome := 'ok';
END
$$;

REVOKE ALL ON FUNCTION hall.request_contacts(jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_contacts(jsonb, boolean) TO smsd;
