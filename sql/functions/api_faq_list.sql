-- hall_api.faq_list(now, lang): what common questions are about.
-- Parameters: now; lang: zh | en.
-- Result: a row a question that is valid today, by code: code, topic.
-- Outcomes: ok (no row: none).
-- Tables: bss.faq.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.faq_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.faq_list(p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.faq_list_outcome, code text, topic text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.faq_list_outcome, f.code, CASE p_lang WHEN 'en' THEN f.topic_en ELSE f.topic_zh END
	FROM bss.faq f
	WHERE (p_now AT TIME ZONE 'Asia/Shanghai')::date BETWEEN f.from_on AND f.until_on
	ORDER BY f.code;
END
$$;
