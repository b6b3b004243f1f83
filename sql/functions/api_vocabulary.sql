-- hall_api.vocabulary(): the words that customers use for what can be asked for, and the codes they stand for.
-- Called when smsd starts, when the tables change and now and then.
-- Parameters: none.
-- Result: kind (service | event), word, code.
-- Tables: bss.service, bss.service_alias, bss.event, bss.event_alias.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.vocabulary()
RETURNS TABLE (kind text, word text, code text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
	SELECT 'service', w.word, s.code
	FROM bss.service s, LATERAL (VALUES (s.code), (s.name_zh), (s.name_en)) AS w (word)
	UNION
	SELECT 'service', a.alias, a.service FROM bss.service_alias a
	UNION
	SELECT 'event', w.word, e.code
	FROM bss.event e, LATERAL (VALUES (e.code), (e.name_zh), (e.name_en)) AS w (word)
	UNION
	SELECT 'event', a.alias, a.event FROM bss.event_alias a
	ORDER BY 1, 3, 2
$$;

GRANT EXECUTE ON FUNCTION hall_api.vocabulary() TO smsd, hall_ops;
