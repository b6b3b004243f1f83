-- coffee.sql: what the business of commands/README.md asks the database: coffees, vouchers, and who thinks what of them.
-- Run as a superuser, all or nothing; again is harmless:
--
--	psql -Xq1 -o /dev/null -v ON_ERROR_STOP=1 -f coffee.sql
--
-- Functions that change something are called with the id of the customer's text (mo_id) and keep it: the same text again
-- finds what it did and gives the same answer.  A "no" is an outcome, never an error.
SET client_min_messages = warning;

-- ---- tables: whose data it is
SET LOCAL ROLE hall_owner;

-- What can be bought.  price in fen; price_version counts its changes: an order quotes it.
CREATE TABLE IF NOT EXISTS bss.coffee (
	code		text COLLATE "C" CONSTRAINT coffee_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	price		integer NOT NULL CONSTRAINT coffee_price CHECK (price > 0),
	price_version	integer NOT NULL DEFAULT 1
);
CREATE OR REPLACE TRIGGER coffee_price BEFORE UPDATE ON bss.coffee
	FOR EACH ROW WHEN (OLD.price IS DISTINCT FROM NEW.price) EXECUTE FUNCTION bss.price_changed();

-- Who has which voucher.  mo_id: the text that bought it; off_id: the text that used, gave or returned it.
-- price: what was paid, in fen; 0: it was a present.
CREATE TABLE IF NOT EXISTS bss.coffee_voucher (
	msisdn		text COLLATE "C" NOT NULL,
	voucher		text COLLATE "C" NOT NULL,
	coffee		text COLLATE "C" NOT NULL REFERENCES bss.coffee,
	price		integer NOT NULL,
	at		timestamptz NOT NULL,
	mo_id		uuid,
	state		text COLLATE "C" NOT NULL DEFAULT 'valid'
			CONSTRAINT coffee_voucher_state CHECK (state IN ('valid', 'used', 'given', 'returned')),
	off_id		uuid,
	CONSTRAINT coffee_voucher_pkey PRIMARY KEY (msisdn, voucher),
	CONSTRAINT coffee_voucher_once UNIQUE (msisdn, mo_id)
) WITH (fillfactor = 85);

-- One favourite a subscriber; one opinion a voucher.
CREATE TABLE IF NOT EXISTS bss.coffee_favourite (
	msisdn		text COLLATE "C" CONSTRAINT coffee_favourite_pkey PRIMARY KEY,
	coffee		text COLLATE "C" NOT NULL REFERENCES bss.coffee
);
CREATE TABLE IF NOT EXISTS bss.coffee_opinion (
	msisdn		text COLLATE "C" NOT NULL,
	voucher		text COLLATE "C" NOT NULL,
	stars		smallint NOT NULL CONSTRAINT coffee_opinion_stars CHECK (stars BETWEEN 1 AND 5),
	CONSTRAINT coffee_opinion_pkey PRIMARY KEY (msisdn, voucher)
);

ALTER TYPE bss.payment_kind ADD VALUE IF NOT EXISTS 'coffee';
GRANT SELECT ON bss.coffee TO hall_api_owner;
GRANT SELECT, INSERT, UPDATE ON bss.coffee_voucher, bss.coffee_favourite, bss.coffee_opinion TO hall_api_owner;

-- Sample data: three coffees; vouchers of 13800138006 for the examples, which are undone, and of 13800138003 to try for real.
INSERT INTO bss.coffee (code, name_zh, name_en, price)
VALUES	('LATTE', '拿铁', 'Latte', 1800), ('AMERICANO', '美式', 'Americano', 1200), ('CAPPUCCINO', '卡布奇诺', 'Cappuccino', 1900)
ON CONFLICT DO NOTHING;
INSERT INTO bss.coffee_voucher (msisdn, voucher, coffee, price, at)
VALUES	('13800138006', '20000001', 'LATTE', 1800, '2026-11-01 10:00+08'),
	('13800138006', '20000002', 'AMERICANO', 1200, '2026-11-02 10:00+08'),
	('13800138003', '20000003', 'LATTE', 1800, '2026-11-01 10:00+08'),
	('13800138003', '20000004', 'CAPPUCCINO', 1900, '2026-11-02 10:00+08')
ON CONFLICT DO NOTHING;

-- ---- functions: what commands may call
SET LOCAL ROLE hall_api_owner;

-- 1. Which coffees there are.
CREATE OR REPLACE FUNCTION hall_api.coffee_list(p_lang text)
RETURNS TABLE (outcome hall_api.ok, name text, price integer)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
BEGIN ATOMIC
	SELECT 'ok'::hall_api.ok, CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END, c.price
	FROM bss.coffee c
	ORDER BY c.price, c.code;
END;

-- 2. and 4. What one costs, and whether it could be bought: it reads only, so it is the query and the question before an order.
SELECT hall.enum_type('hall_api.coffee_quote_outcome', 'ok', 'unknown_coffee', 'insufficient', 'unknown_number');
CREATE OR REPLACE FUNCTION hall_api.coffee_quote(p_msisdn text, p_coffee text, p_lang text,
	OUT outcome hall_api.coffee_quote_outcome, OUT code text, OUT name text, OUT price integer, OUT balance bigint,
	OUT price_version integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT c.code, CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END, c.price, c.price_version
	INTO code, name, price, price_version
	FROM bss.coffee c
	WHERE p_coffee IN (c.code, c.name_zh, upper(c.name_en));
	IF NOT FOUND THEN
		outcome := 'unknown_coffee';
		RETURN;
	END IF;
	SELECT a.balance INTO balance FROM bss.account a WHERE a.msisdn = p_msisdn;
	outcome := CASE WHEN NOT FOUND THEN 'unknown_number' WHEN balance < price THEN 'insufficient' ELSE 'ok' END;
END
$$;

-- 3. Notes the favourite.  Done twice is the same as done once, so the text's id is not needed.
SELECT hall.enum_type('hall_api.coffee_favourite_outcome', 'ok', 'unknown_coffee');
CREATE OR REPLACE FUNCTION hall_api.coffee_favourite(p_msisdn text, p_coffee text, p_lang text,
	OUT outcome hall_api.coffee_favourite_outcome, OUT name text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END INTO name
	FROM bss.coffee c WHERE p_coffee IN (c.code, c.name_zh, upper(c.name_en));
	IF NOT FOUND THEN
		outcome := 'unknown_coffee';
		RETURN;
	END IF;
	INSERT INTO bss.coffee_favourite AS f (msisdn, coffee)
	SELECT p_msisdn, c.code FROM bss.coffee c WHERE p_coffee IN (c.code, c.name_zh, upper(c.name_en))
	ON CONFLICT ON CONSTRAINT coffee_favourite_pkey DO UPDATE SET coffee = excluded.coffee;
	outcome := 'ok';
END
$$;

-- 4. Buys a voucher at the price that was agreed to, takes it from the account, and writes both down.
SELECT hall.enum_type('hall_api.coffee_buy_outcome', 'ok', 'changed', 'unknown_coffee', 'insufficient', 'unknown_number');
CREATE OR REPLACE FUNCTION hall_api.coffee_buy(p_msisdn text, p_code text, p_price_version integer, p_mo_id uuid,
	p_now timestamptz, p_lang text,
	OUT outcome hall_api.coffee_buy_outcome, OUT name text, OUT price integer, OUT balance bigint, OUT voucher text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	version integer;
BEGIN
	SELECT CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END, c.price, c.price_version
	INTO name, price, version
	FROM bss.coffee c WHERE c.code = p_code;
	IF NOT FOUND THEN
		outcome := 'unknown_coffee';
		RETURN;
	END IF;
	-- The same text again.
	SELECT v.voucher, p.balance INTO voucher, balance
	FROM bss.coffee_voucher v JOIN bss.payment p ON p.msisdn = v.msisdn AND p.id = v.mo_id
	WHERE v.msisdn = p_msisdn AND v.mo_id = p_mo_id;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;
	IF version <> p_price_version THEN
		outcome := 'changed';
		RETURN;
	END IF;
	UPDATE bss.account a SET balance = a.balance - coffee_buy.price
	WHERE a.msisdn = p_msisdn AND a.balance >= coffee_buy.price
	RETURNING a.balance INTO balance;
	IF NOT FOUND THEN
		SELECT a.balance INTO balance FROM bss.account a WHERE a.msisdn = p_msisdn;
		outcome := CASE WHEN FOUND THEN 'insufficient' ELSE 'unknown_number' END;
		RETURN;
	END IF;
	INSERT INTO bss.coffee_voucher AS v (msisdn, voucher, coffee, price, at, mo_id)
	SELECT p_msisdn, lpad((('x' || right(gen_random_uuid()::text, 8))::bit(32)::bigint % 100000000)::text, 8, '0'), p_code,
		coffee_buy.price, p_now, p_mo_id
	RETURNING v.voucher INTO voucher;
	INSERT INTO bss.payment (msisdn, id, at, kind, amount, balance, ref)
	VALUES (p_msisdn, p_mo_id, p_now, 'coffee', -price, coffee_buy.balance, coffee_buy.voucher);
	outcome := 'ok';
END
$$;

-- 6. The vouchers that are still good, the oldest first.
CREATE OR REPLACE FUNCTION hall_api.coffee_mine(p_msisdn text, p_lang text)
RETURNS TABLE (outcome hall_api.ok, voucher text, name text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
BEGIN ATOMIC
	SELECT 'ok'::hall_api.ok, v.voucher, CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END
	FROM bss.coffee_voucher v JOIN bss.coffee c ON c.code = v.coffee
	WHERE v.msisdn = p_msisdn AND v.state = 'valid'
	ORDER BY v.at, v.voucher;
END;

-- 7. Uses a voucher up, at the counter.
SELECT hall.enum_type('hall_api.coffee_use_outcome', 'ok', 'no_voucher');
CREATE OR REPLACE FUNCTION hall_api.coffee_use(p_msisdn text, p_voucher text, p_mo_id uuid, p_lang text,
	OUT outcome hall_api.coffee_use_outcome, OUT voucher text, OUT name text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	UPDATE bss.coffee_voucher v SET state = 'used', off_id = p_mo_id
	FROM bss.coffee c
	WHERE v.msisdn = p_msisdn AND v.voucher = p_voucher AND c.code = v.coffee
	  AND (v.state = 'valid' OR (v.state = 'used' AND v.off_id = p_mo_id))
	RETURNING v.voucher, CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END INTO voucher, name;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'no_voucher' END;
END
$$;

-- 7. What he thinks of it; a later opinion of the same voucher replaces the first.
CREATE OR REPLACE FUNCTION hall_api.coffee_rate(p_msisdn text, p_voucher text, p_stars integer, OUT outcome hall_api.ok,
	OUT stars integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	INSERT INTO bss.coffee_opinion (msisdn, voucher, stars)
	VALUES (p_msisdn, p_voucher, p_stars)
	ON CONFLICT ON CONSTRAINT coffee_opinion_pkey DO UPDATE SET stars = excluded.stars;
	outcome := 'ok';
	stars := p_stars;
END
$$;

-- 8. Gives a voucher to somebody else.
SELECT hall.enum_type('hall_api.coffee_give_outcome', 'ok', 'no_voucher', 'self');
CREATE OR REPLACE FUNCTION hall_api.coffee_give(p_msisdn text, p_voucher text, p_friend text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.coffee_give_outcome)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	IF p_friend = p_msisdn THEN
		outcome := 'self';
		RETURN;
	END IF;
	UPDATE bss.coffee_voucher v SET state = 'given', off_id = p_mo_id
	WHERE v.msisdn = p_msisdn AND v.voucher = p_voucher AND v.price > 0	-- presents are given once
	  AND (v.state = 'valid' OR (v.state = 'given' AND v.off_id = p_mo_id));
	IF NOT FOUND THEN
		outcome := 'no_voucher';
		RETURN;
	END IF;
	INSERT INTO bss.coffee_voucher (msisdn, voucher, coffee, price, at)
	SELECT p_friend, v.voucher, v.coffee, 0, p_now
	FROM bss.coffee_voucher v WHERE v.msisdn = p_msisdn AND v.voucher = p_voucher
	ON CONFLICT DO NOTHING;
	outcome := 'ok';
END
$$;

-- 8. Takes a voucher back and pays what it cost.
SELECT hall.enum_type('hall_api.coffee_return_outcome', 'ok', 'no_voucher');
CREATE OR REPLACE FUNCTION hall_api.coffee_return(p_msisdn text, p_voucher text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.coffee_return_outcome, OUT price integer, OUT balance bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT p.amount, p.balance INTO price, balance FROM bss.payment p WHERE p.msisdn = p_msisdn AND p.id = p_mo_id;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;
	UPDATE bss.coffee_voucher v SET state = 'returned', off_id = p_mo_id
	WHERE v.msisdn = p_msisdn AND v.voucher = p_voucher AND v.state = 'valid' AND v.price > 0
	RETURNING v.price INTO price;
	IF NOT FOUND THEN
		outcome := 'no_voucher';
		RETURN;
	END IF;
	UPDATE bss.account a SET balance = a.balance + coffee_return.price WHERE a.msisdn = p_msisdn
	RETURNING a.balance INTO balance;
	INSERT INTO bss.payment (msisdn, id, at, kind, amount, balance, ref)
	VALUES (p_msisdn, p_mo_id, p_now, 'coffee', price, coffee_return.balance, p_voucher);
	outcome := 'ok';
END
$$;

-- 9. A present: one americano a day.
SELECT hall.enum_type('hall_api.coffee_present_outcome', 'ok', 'had_today');
CREATE OR REPLACE FUNCTION hall_api.coffee_present(p_msisdn text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.coffee_present_outcome, OUT voucher text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	day text := to_char(p_now AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD');
BEGIN
	INSERT INTO bss.coffee_voucher AS v (msisdn, voucher, coffee, price, at, mo_id)
	VALUES (p_msisdn, day, 'AMERICANO', 0, p_now, p_mo_id)
	ON CONFLICT ON CONSTRAINT coffee_voucher_pkey DO NOTHING;
	SELECT v.voucher, CASE WHEN v.mo_id = p_mo_id THEN 'ok' ELSE 'had_today' END INTO voucher, outcome
	FROM bss.coffee_voucher v WHERE v.msisdn = p_msisdn AND v.voucher = day;
END
$$;
