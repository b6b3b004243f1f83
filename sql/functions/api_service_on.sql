-- hall_api.service_on(msisdn, code, mo_id, now, lang, price_version): switches a service on and takes its first
-- month's price.
-- Parameters: msisdn; code: as the customer named it; mo_id: the text, the key of the charge; now; lang: zh | en;
-- price_version: of the price that was agreed to (hall_api.quote()); NULL, or without it: whatever the price is.
-- Result: one row.  code, name, price in fen a month; balance after it in fen; data_mb: what it adds this month.
-- Outcomes: ok (also for a text that was done before) | changed (the price is another than agreed; nothing was done) |
-- already_on | unknown_service | not_offered (no longer sold) | insufficient (balance below the price) | unknown_number.
-- Tables: bss.service; writes bss.subscription, bss.account, bss.payment, bss.data_usage.
-- Locks: the subscription, then the account, then the month's data.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.service_on_outcome', 'ok', 'already_on', 'unknown_service', 'not_offered',
	'insufficient', 'unknown_number');
SELECT hall.enum_type('hall_api.service_order_outcome', 'ok', 'already_on', 'unknown_service', 'not_offered',
	'insufficient', 'unknown_number', 'changed');

CREATE OR REPLACE FUNCTION hall_api.service_on(p_msisdn text, p_code text, p_mo_id uuid, p_now timestamptz, p_lang text,
	p_price_version integer,
	OUT outcome hall_api.service_order_outcome, OUT code text, OUT name text, OUT price integer, OUT balance bigint,
	OUT data_mb integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	on_sale boolean;
	version integer;
	booked bigint;
	this_month date := date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	SELECT s.code, CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END, s.price, s.data_mb, s.offered,
		s.price_version, p.balance
	INTO code, name, price, data_mb, on_sale, version, booked
	FROM bss.service s
	LEFT JOIN bss.payment p ON p.msisdn = p_msisdn AND p.id = p_mo_id
	WHERE s.code = p_code;
	IF NOT FOUND THEN
		outcome := 'unknown_service';
		RETURN;
	END IF;
	IF booked IS NOT NULL THEN
		outcome := 'ok';
		balance := booked;
		RETURN;
	END IF;
	IF version <> p_price_version THEN
		outcome := 'changed';
		RETURN;
	END IF;

	INSERT INTO bss.subscription (msisdn, service, since, price, mo_id)
	SELECT p_msisdn, p_code, p_now, service_on.price, p_mo_id
	WHERE on_sale
	ON CONFLICT (msisdn, service) DO NOTHING;
	IF NOT FOUND THEN
		outcome := CASE WHEN EXISTS (SELECT FROM bss.subscription s
				WHERE s.msisdn = p_msisdn AND s.service = p_code)
			THEN 'already_on' ELSE 'not_offered' END;
		RETURN;
	END IF;

	UPDATE bss.account a
	SET balance = a.balance - service_on.price
	WHERE a.msisdn = p_msisdn AND a.balance >= service_on.price
	RETURNING a.balance INTO balance;
	IF NOT FOUND THEN
		DELETE FROM bss.subscription s WHERE s.msisdn = p_msisdn AND s.service = p_code;
		SELECT a.balance INTO balance FROM bss.account a WHERE a.msisdn = p_msisdn;
		outcome := CASE WHEN FOUND THEN 'insufficient' ELSE 'unknown_number' END;
		RETURN;
	END IF;

	INSERT INTO bss.payment (msisdn, id, at, kind, amount, balance, ref)
	VALUES (p_msisdn, p_mo_id, p_now, 'service', -price, service_on.balance, p_code);
	IF data_mb > 0 THEN
		INSERT INTO bss.data_usage AS d (msisdn, month, quota_mb)
		SELECT p_msisdn, this_month, p.data_mb + service_on.data_mb
		FROM bss.subscriber s JOIN bss.plan p ON p.code = s.plan
		WHERE s.msisdn = p_msisdn
		ON CONFLICT (msisdn, month) DO UPDATE SET quota_mb = d.quota_mb + service_on.data_mb;
	END IF;
	outcome := 'ok';
END
$$;

-- For who agreed to no price before.
CREATE OR REPLACE FUNCTION hall_api.service_on(p_msisdn text, p_code text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.service_on_outcome, OUT code text, OUT name text, OUT price integer, OUT balance bigint,
	OUT data_mb integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT o.* INTO outcome, code, name, price, balance, data_mb
	FROM hall_api.service_on(p_msisdn, p_code, p_mo_id, p_now, p_lang, NULL) AS o;
END
$$;
