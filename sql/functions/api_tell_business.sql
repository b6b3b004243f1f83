-- hall_api.tell_business(business, lang): what was done over a counter, for the customer who is asked how it was.
-- Called by the functions of the survey.
-- Parameters: business: open | card | prepay | payment | product; lang: en, else Chinese.
-- Result: its name; NULL: of other business nobody is asked.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.tell_business(p_business text, p_lang text)
RETURNS text LANGUAGE sql IMMUTABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
	SELECT CASE p_lang WHEN 'en' THEN b.en ELSE b.zh END
	FROM (VALUES ('open', '开户', 'a new number'), ('card', '换卡', 'a new SIM card'), ('prepay', '预存', 'a prepayment'),
		('payment', '缴费', 'a payment'), ('product', '业务变更', 'a change of services')) AS b (code, zh, en)
	WHERE b.code = p_business
$$;
