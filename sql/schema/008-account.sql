-- What charges, money and identity need: price versions, cancelling by list, transfers, service passwords, usage by
-- month, gifts for points, and the consent of customers.

SET LOCAL ROLE hall_owner;

-- bss.service: also
--   price_version	counts how often the price changed: an order quotes it, and is asked again when it is another by then
--   provider_zh/en	who provides it, as an order's question names him
--   grp_zh/en	under which heading lists show it
ALTER TABLE bss.service
	ADD COLUMN price_version integer NOT NULL DEFAULT 1,
	ADD COLUMN provider_zh text NOT NULL DEFAULT '本公司',
	ADD COLUMN provider_en text NOT NULL DEFAULT 'our company',
	ADD COLUMN grp_zh text NOT NULL DEFAULT '增值业务',
	ADD COLUMN grp_en text NOT NULL DEFAULT 'Extras';

CREATE FUNCTION bss.price_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.price_version := OLD.price_version + 1;
	RETURN NEW;
END
$$;
CREATE TRIGGER service_price BEFORE UPDATE ON bss.service
	FOR EACH ROW WHEN (OLD.price IS DISTINCT FROM NEW.price) EXECUTE FUNCTION bss.price_changed();

-- One text may cancel several services of the list that it was shown.
ALTER TABLE bss.subscription_past DROP CONSTRAINT subscription_past_pkey;
ALTER TABLE bss.subscription_past ADD CONSTRAINT subscription_past_pkey PRIMARY KEY (msisdn, off_id, service);

-- It gained columns: the functions' file makes it anew.
DROP FUNCTION IF EXISTS hall_api.service_list(text, text);

-- bss.payment: ref is the other number of a transfer, whose two rows have the same id; the gift's code for points.
ALTER TYPE bss.payment_kind ADD VALUE 'transfer_out';
ALTER TYPE bss.payment_kind ADD VALUE 'transfer_in';
ALTER TYPE bss.payment_kind ADD VALUE 'points';

-- bss.password: service passwords, as Argon2id hashes; who has no row has none.
CREATE TABLE bss.password (
	msisdn		text COLLATE "C" CONSTRAINT password_pkey PRIMARY KEY,
	hash		text NOT NULL CONSTRAINT password_hash CHECK (length(hash) > 20),	-- never the plain one
	changed_at	timestamptz NOT NULL
) WITH (fillfactor = 85);

-- bss.password_change: when a password was changed, by which text, and how.
--   how	set: by who knew the old one; reset: by who has the handset and knows the identity number
CREATE TABLE bss.password_change (
	msisdn		text COLLATE "C" NOT NULL,
	mo_id		uuid NOT NULL,
	at		timestamptz NOT NULL,
	how		text COLLATE "C" NOT NULL CONSTRAINT password_change_how CHECK (how IN ('set', 'reset')),
	CONSTRAINT password_change_pkey PRIMARY KEY (msisdn, mo_id)
);

-- bss.identity: whose number it is: SHA-256 of the identity number as printed, without spaces, X in upper case.
CREATE TABLE bss.identity (
	msisdn		text COLLATE "C" CONSTRAINT identity_pkey PRIMARY KEY,
	hash		bytea NOT NULL
);

-- bss.usage: what a subscriber used in a month; of the current one so far.  Months without any have no row.
--   month	its first day
CREATE TABLE bss.usage (
	msisdn		text COLLATE "C" NOT NULL,
	month		date NOT NULL CONSTRAINT usage_month CHECK (extract(day FROM month) = 1),
	calls		integer NOT NULL DEFAULT 0,
	voice_min	integer NOT NULL DEFAULT 0,
	sms		integer NOT NULL DEFAULT 0,
	data_mb		integer NOT NULL DEFAULT 0,
	CONSTRAINT usage_pkey PRIMARY KEY (msisdn, month)
) WITH (fillfactor = 90);

-- bss.gift: what points can be exchanged for.  One with a stock is everybody's row: it is locked first.
--   price	in points; price_version as in bss.service
--   credit	in fen, put on the account
--   data_mb	added to the month's data
--   stock	how many there are to pick up in a hall; NULL: nothing to pick up
--   taken	how many of the stock were exchanged
CREATE TABLE bss.gift (
	code		text COLLATE "C" CONSTRAINT gift_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	price		integer NOT NULL CONSTRAINT gift_price CHECK (price > 0),
	price_version	integer NOT NULL DEFAULT 1,
	credit		integer NOT NULL DEFAULT 0,
	data_mb		integer NOT NULL DEFAULT 0,
	stock		integer,
	taken		integer NOT NULL DEFAULT 0,
	offered		boolean NOT NULL DEFAULT true,
	CONSTRAINT gift_taken CHECK (taken BETWEEN 0 AND coalesce(stock, 0))
) WITH (fillfactor = 20);
CREATE TRIGGER gift_price BEFORE UPDATE ON bss.gift
	FOR EACH ROW WHEN (OLD.price IS DISTINCT FROM NEW.price) EXECUTE FUNCTION bss.price_changed();

-- bss.gift_alias: other words that customers use for a gift.
CREATE TABLE bss.gift_alias (
	alias		text COLLATE "C" CONSTRAINT gift_alias_pkey PRIMARY KEY,
	gift		text COLLATE "C" NOT NULL REFERENCES bss.gift
);

-- bss.exchange: points that were exchanged for gifts.
--   price	in points, as agreed then
--   points_left	after it
--   pickup	the code to show in a hall, until pickup_until; NULL: nothing to pick up
CREATE TABLE bss.exchange (
	msisdn		text COLLATE "C" NOT NULL,
	mo_id		uuid NOT NULL,
	at		timestamptz NOT NULL,
	gift		text COLLATE "C" NOT NULL,
	price		integer NOT NULL,
	points_left	integer NOT NULL,
	credit		integer NOT NULL,
	data_mb		integer NOT NULL,
	pickup		text COLLATE "C",
	pickup_until	date,
	CONSTRAINT exchange_pkey PRIMARY KEY (msisdn, mo_id)
);
CREATE INDEX exchange_at ON bss.exchange USING brin (at) WITH (autosummarize = on);

-- hall.consent: what a subscriber said last of a class of messages that he did not ask for; no row: nothing yet.
-- Of a class the newer one of its own row and that of `all` counts: hall.consent_of() says which.
--   class	all | notice | commercial | recommend: offers that follow from what he does (tips among them)
--   state	in | out
--   mo_id	the text that said so; NULL: another channel
CREATE TABLE hall.consent (
	msisdn		text COLLATE "C" NOT NULL,
	class		text COLLATE "C" NOT NULL
			CONSTRAINT consent_class CHECK (class IN ('all', 'notice', 'commercial', 'recommend')),
	state		text COLLATE "C" NOT NULL CONSTRAINT consent_state CHECK (state IN ('in', 'out')),
	at		timestamptz NOT NULL,
	mo_id		uuid,
	CONSTRAINT consent_pkey PRIMARY KEY (msisdn, class)
) WITH (fillfactor = 85);

-- hall.consent_log: each time that he said so, kept as evidence.
--   id		the text (hall.mo), or what another channel calls it
--   channel	sms | counter | hotline | web | app | kiosk
CREATE TABLE hall.consent_log (
	msisdn		text COLLATE "C" NOT NULL,
	id		uuid NOT NULL,
	class		text COLLATE "C" NOT NULL,
	state		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	channel		text COLLATE "C" NOT NULL DEFAULT 'sms',
	CONSTRAINT consent_log_pkey PRIMARY KEY (msisdn, id, class)
);
CREATE INDEX consent_log_at ON hall.consent_log USING brin (at) WITH (autosummarize = on);

-- bss.effect: see 004-audit.sql.  Kinds that this file adds are compared as text: a new value of an enum is not yet to
-- be used in the transaction that adds it.
CREATE OR REPLACE VIEW bss.effect (msisdn, mo_id, kind, at) AS
SELECT used_by, mo_id, 'recharge', used_at FROM bss.voucher WHERE used_at IS NOT NULL
UNION ALL
SELECT msisdn, id, 'service_on', at FROM bss.payment WHERE kind = 'service'
UNION ALL
SELECT msisdn, off_id, 'service_off', until FROM bss.subscription_past
UNION ALL
SELECT msisdn, mo_id, CASE state WHEN 'cancelled' THEN 'event_cancel' ELSE 'event_signup' END,
	CASE state WHEN 'cancelled' THEN changed_at ELSE signed_at END
FROM bss.registration
UNION ALL
SELECT msisdn, mo_id, CASE state WHEN 'cancelled' THEN 'event_cancel' ELSE 'event_signup' END,
	CASE state WHEN 'cancelled' THEN changed_at ELSE signed_at END
FROM bss.registration_past
UNION ALL
SELECT msisdn, id, 'transfer', at FROM bss.payment WHERE kind::text = 'transfer_out'
UNION ALL
SELECT msisdn, mo_id, 'gift_exchange', at FROM bss.exchange
UNION ALL
SELECT msisdn, mo_id, CASE how WHEN 'set' THEN 'password_set' ELSE 'password_reset' END, at FROM bss.password_change
UNION ALL
SELECT msisdn, id, CASE state WHEN 'out' THEN 'opt_out' ELSE 'opt_in' END, at
FROM hall.consent_log WHERE channel = 'sms';

GRANT SELECT ON bss.password, bss.password_change, bss.identity, bss.usage, bss.gift, bss.gift_alias, bss.exchange
	TO hall_api_owner;
GRANT INSERT, UPDATE ON bss.password TO hall_api_owner;
GRANT INSERT ON bss.password_change, bss.exchange TO hall_api_owner;
GRANT UPDATE ON bss.gift, bss.points TO hall_api_owner;
GRANT SELECT, INSERT, UPDATE ON hall.consent, hall.subscriber TO hall_api_owner;
GRANT SELECT, INSERT ON hall.consent_log TO hall_api_owner;
