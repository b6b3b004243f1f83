-- hall_api.news(kind, now, lang): what there is to tell today.
-- Parameters: kind: news | offer; now; lang: zh | en.
-- Result: a row an item, the newest first, at most 3: code, text, until_on: its last day.
-- Outcomes: ok (no row: none).
-- Tables: bss.news.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.news_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.news(p_kind text, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.news_outcome, code text, text text, until_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.news_outcome, n.code, CASE p_lang WHEN 'en' THEN n.en ELSE n.zh END, n.until_on
	FROM bss.news n
	WHERE n.kind = p_kind AND (p_now AT TIME ZONE 'Asia/Shanghai')::date BETWEEN n.from_on AND n.until_on
	ORDER BY n.from_on DESC, n.code
	LIMIT 3;
END
$$;
