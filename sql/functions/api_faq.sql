-- hall_api.faq(topic, now, lang): the answer to a common question.
-- Parameters: topic: as the customer named it; now; lang: zh | en.
-- Result: one row.  code, topic, text.
-- Outcomes: ok | unknown_topic (or not valid today).
-- Tables: bss.faq.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.faq_outcome', 'ok', 'unknown_topic');

CREATE OR REPLACE FUNCTION hall_api.faq(p_topic text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.faq_outcome, OUT code text, OUT topic text, OUT text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT 'ok', f.code, CASE p_lang WHEN 'en' THEN f.topic_en ELSE f.topic_zh END,
		CASE p_lang WHEN 'en' THEN f.en ELSE f.zh END
	INTO outcome, code, topic, text
	FROM bss.faq f
	WHERE f.code = p_topic AND (p_now AT TIME ZONE 'Asia/Shanghai')::date BETWEEN f.from_on AND f.until_on;
	IF NOT FOUND THEN
		outcome := 'unknown_topic';
	END IF;
END
$$;
