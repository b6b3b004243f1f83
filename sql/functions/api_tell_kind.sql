-- hall_api.tell_kind(kind, lang): what a ticket is, for people.
-- Called by the functions that tell of tickets.
-- Parameters: kind: complaint | suggestion | callback; lang: en, else Chinese.
-- Result: its name.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.tell_kind(p_kind text, p_lang text)
RETURNS text LANGUAGE sql IMMUTABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
	SELECT CASE p_lang WHEN 'en' THEN CASE p_kind WHEN 'callback' THEN 'call' ELSE p_kind END
		ELSE CASE p_kind WHEN 'complaint' THEN '投诉' WHEN 'suggestion' THEN '建议' ELSE '回电申请' END END
$$;
