-- hall_api.steer(trigger_id): what to tell a customer after a transaction at a counter or on the hotline: how to do the same on
-- an e-channel.
-- Parameters: trigger_id: of hall.trigger; its data holds business (bill | recharge | service | plan) and may hold channel
-- (app | web | kiosk; app unless said).
-- Result: at most one row: msisdn, lang (zh | en), business and channel in that language, link.
-- Tables: hall.trigger, hall.subscriber, bss.subscriber.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.steer(p_trigger_id uuid)
RETURNS TABLE (msisdn text, lang text, business text, channel text, link text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
	SELECT t.msisdn, l.lang, CASE l.lang WHEN 'en' THEN b.en ELSE b.zh END, CASE l.lang WHEN 'en' THEN c.en ELSE c.zh END, c.link
	FROM hall.trigger t
	JOIN bss.subscriber s ON s.msisdn = t.msisdn
	CROSS JOIN LATERAL (SELECT coalesce((SELECT h.lang FROM hall.subscriber h WHERE h.msisdn = t.msisdn), s.lang) AS lang) l
	JOIN (VALUES ('bill', '查账单', 'see your bill'), ('recharge', '充值', 'recharge'), ('service', '办理业务', 'order services'),
		('plan', '换套餐', 'change your plan')) AS b (code, zh, en) ON b.code = t.data ->> 'business'
	JOIN (VALUES ('app', '手机营业厅APP', 'our app', '10086.cn/app'), ('web', '网上营业厅', 'our web hall', '10086.cn'),
		('kiosk', '自助终端', 'the kiosks in our halls', '10086.cn/kiosk')) AS c (code, zh, en, link)
		ON c.code = coalesce(t.data ->> 'channel', 'app')
	WHERE t.id = p_trigger_id
$$;
