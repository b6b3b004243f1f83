-- hall_api.services_cancel(msisdn, codes, items, mo_id, now, lang): switches off what a customer named by its numbers in
-- the list that he was shown.
-- Parameters: msisdn; codes: the list, as hall_api.service_list() gave it; items: numbers in it, comma-separated, from 1;
-- mo_id: the text; now; lang: zh | en.
-- Result: a row an item, those that were cancelled first: item; code, name, price in fen a month that is no longer taken;
-- one of done, gone (it was off already) and wrong (the list has no such number) is true.
-- Outcomes, the same in each row: ok (something was cancelled; also for a text that was done before) | not_on (all of it
-- was off already) | wrong_item (no such numbers).
-- Tables: bss.service; writes bss.subscription, bss.subscription_past.
-- Locks: the subscriptions.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.services_cancel_outcome', 'ok', 'not_on', 'wrong_item');

CREATE OR REPLACE FUNCTION hall_api.services_cancel(p_msisdn text, p_codes text, p_items text, p_mo_id uuid,
	p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.services_cancel_outcome, item text, code text, name text, price integer, done boolean,
	gone boolean, wrong boolean)
LANGUAGE plpgsql SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
DECLARE
	listed text[] := string_to_array(p_codes, ',');
	named text[] := string_to_array(p_items, ',');
BEGIN
	WITH off AS (
		DELETE FROM bss.subscription s
		WHERE s.msisdn = p_msisdn
		  AND s.service IN (SELECT listed[n.item::integer] FROM unnest(named) AS n (item) WHERE n.item ~ '^\d{1,3}$')
		  AND NOT EXISTS (SELECT FROM bss.subscription_past o WHERE o.msisdn = p_msisdn AND o.off_id = p_mo_id)
		RETURNING s.*
	)
	INSERT INTO bss.subscription_past (msisdn, service, since, until, price, mo_id, off_id)
	SELECT f.msisdn, f.service, f.since, p_now, f.price, f.mo_id, p_mo_id
	FROM off f;

	RETURN QUERY
	WITH want AS (
		SELECT n.item, min(n.at) AS at, CASE WHEN n.item ~ '^\d{1,3}$' THEN listed[n.item::integer] END AS code
		FROM unnest(named) WITH ORDINALITY AS n (item, at)
		GROUP BY n.item
	), result AS (
		SELECT w.item, w.at, s.code, CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END AS name, o.price,
			o.off_id IS NOT NULL AS done, s.code IS NOT NULL AND o.off_id IS NULL AS gone, s.code IS NULL AS wrong
		FROM want w
		LEFT JOIN bss.service s ON s.code = w.code
		LEFT JOIN bss.subscription_past o ON o.msisdn = p_msisdn AND o.off_id = p_mo_id AND o.service = s.code
	)
	SELECT CASE WHEN bool_or(r.done) OVER () THEN 'ok' WHEN bool_or(r.gone) OVER () THEN 'not_on'
			ELSE 'wrong_item' END::hall_api.services_cancel_outcome,
		r.item, r.code, r.name, r.price, r.done, r.gone, r.wrong
	FROM result r
	ORDER BY r.done DESC, r.at;
END
$$;
