-- hall_api.steer(trigger_id): what to tell a customer after a transaction at a counter or on the hotline: how to do the same on
-- an e-channel.
-- Parameters: trigger_id: of hall.trigger; its data holds business (bill | usage | recharge | service | plan | payment |
-- prepay | product) and may hold channel (app | web | kiosk | sms; app unless said).
-- Result: at most one row: msisdn, lang (zh | en), business and channel in that language, link; target: the channel, as
-- contacts name it; surveyed: he is asked how it was (hall_api.tell_survey).
-- Tables: hall.trigger, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.steer(p_trigger_id uuid)
RETURNS TABLE (msisdn text, lang text, business text, channel text, link text, target text, surveyed boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = bss, pg_temp
AS $$
	SELECT t.msisdn, s.lang, CASE s.lang WHEN 'en' THEN b.en ELSE b.zh END, CASE s.lang WHEN 'en' THEN c.en ELSE c.zh END, c.link,
		c.code, b.surveyed
	FROM hall.trigger t
	JOIN bss.told s ON s.msisdn = t.msisdn
	JOIN (VALUES ('bill', '查账单', 'see your bill', false), ('usage', '查流量', 'see your data', false),
		('recharge', '充值', 'recharge', false), ('service', '办理业务', 'order services', false),
		('plan', '换套餐', 'change your plan', false), ('payment', '缴费', 'pay', true), ('prepay', '预存话费', 'pay in advance', true),
		('product', '变更业务', 'change services', true)) AS b (code, zh, en, surveyed)
		ON b.code = t.data ->> 'business'
	JOIN (VALUES ('app', '手机营业厅APP', 'our app', '10086.cn/app'), ('web', '网上营业厅', 'our web hall', '10086.cn'),
		('kiosk', '自助终端', 'the kiosks in our halls', '10086.cn/kiosk'), ('sms', '短信营业厅', 'the SMS hall', '10086')) AS c (code, zh, en, link)
		ON c.code = coalesce(t.data ->> 'channel', 'app')
	WHERE t.id = p_trigger_id
$$;
