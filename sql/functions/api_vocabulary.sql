-- hall_api.vocabulary(): the words that customers use for what can be asked for, and the codes they stand for.
-- Called when smsd starts, when the tables change and now and then.
-- Parameters: none.
-- Result: kind (service | event | plan | faq | gift | language | how), word, code.
-- Tables: bss.service, bss.service_alias, bss.event, bss.event_alias, bss.plan, bss.plan_alias, bss.faq, bss.faq_word, bss.gift,
-- bss.gift_alias.

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
	UNION
	SELECT 'plan', w.word, p.code
	FROM bss.plan p, LATERAL (VALUES (p.code), (p.name_zh), (p.name_en)) AS w (word)
	UNION
	SELECT 'plan', a.alias, a.plan FROM bss.plan_alias a
	UNION
	SELECT 'faq', w.word, f.code
	FROM bss.faq f, LATERAL (VALUES (f.code), (f.topic_zh), (f.topic_en)) AS w (word)
	UNION
	SELECT 'faq', a.word, a.faq FROM bss.faq_word a WHERE NOT a.how
	UNION
	SELECT 'how', w.word, f.code
	FROM bss.faq f, LATERAL (VALUES (f.code), (f.topic_zh), (f.topic_en)) AS w (word)
	UNION
	SELECT 'how', a.word, a.faq FROM bss.faq_word a
	UNION
	SELECT 'gift', w.word, g.code
	FROM bss.gift g, LATERAL (VALUES (g.code), (g.name_zh), (g.name_en)) AS w (word)
	UNION
	SELECT 'gift', a.alias, a.gift FROM bss.gift_alias a
	UNION
	SELECT 'language', w.word, w.code
	FROM (VALUES ('EN', 'en'), ('ENG', 'en'), ('ENGLISH', 'en'), ('YINGWEN', 'en'), ('YINGYU', 'en'), ('英文', 'en'), ('英语', 'en'),
		('ZH', 'zh'), ('ZW', 'zh'), ('CN', 'zh'), ('CHINESE', 'zh'), ('ZHONGWEN', 'zh'), ('中文', 'zh'), ('汉语', 'zh'),
		('简体中文', 'zh'), ('国语', 'zh')) AS w (word, code)
	ORDER BY 1, 3, 2
$$;

GRANT EXECUTE ON FUNCTION hall_api.vocabulary() TO smsd, hall_ops;
