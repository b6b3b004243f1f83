-- hall_api.tell_warning(trigger_id, level): who is told of an early warning, for a reminder with levels.
-- Parameters: trigger_id: of hall.trigger; its key is the warning; level: 1 at first, one more each time that nobody
-- acknowledged it in time.
-- Result: a row a person, none once it was acknowledged: msisdn, lang; warning; dealer: his name; what: what it is about;
-- again: it waited, as nobody answered.  At level 1 those of rank 1 to the warning's severity, then those of the next rank;
-- past the last one everybody again.
-- Tables: hall.trigger, bss.warning, bss.dealer, bss.dealer_contact, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_warning(p_trigger_id uuid, p_level integer)
RETURNS TABLE (msisdn text, lang text, warning text, dealer text, what text, again boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 3
SET search_path = bss, pg_temp
AS $$
	SELECT c.msisdn, coalesce(s.lang, 'zh'), w.warning, CASE s.lang WHEN 'en' THEN d.name_en ELSE d.name_zh END,
		CASE s.lang WHEN 'en' THEN w.en ELSE w.zh END, p_level > 1
	FROM hall.trigger t
	JOIN bss.warning w ON w.warning = t.key AND w.ack_at IS NULL
	JOIN bss.dealer d ON d.dealer = w.dealer
	JOIN bss.dealer_contact c ON c.dealer = w.dealer
	LEFT JOIN bss.told s ON s.msisdn = c.msisdn
	WHERE t.id = p_trigger_id AND t.name = 'dealer_warning'
	  AND CASE WHEN p_level = 1 THEN c.rank <= w.severity
		ELSE c.rank = w.severity + p_level - 1 OR w.severity + p_level - 1 > 3 END
$$;
