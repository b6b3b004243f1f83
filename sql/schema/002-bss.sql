-- bss: a sample of the billing side, so that the hall can be tried.  An operator points the functions of hall_api at
-- the real billing (foreign tables, views, remote calls) and leaves this schema empty or away.
--
-- Money is in fen (1/100 yuan).  Everything of one subscriber has msisdn first in its key, so that it can be
-- distributed by it.  There are no foreign keys from a subscriber's rows to services or events: each check would lock
-- a row that all customers share.  Functions lock in this order: event, registration; subscription; voucher; account.

CREATE SCHEMA bss;

-- bss.plan: what a subscriber pays for each month.
--   data_mb, voice_min, sms	included in a month
CREATE TABLE bss.plan (
	code		text COLLATE "C" CONSTRAINT plan_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	price		integer NOT NULL,
	data_mb		integer NOT NULL,
	voice_min	integer NOT NULL,
	sms		integer NOT NULL
);

-- bss.subscriber: who has a number of ours.
--   brand	gotone (全球通) | mzone (动感地带) | easyown (神州行)
--   province	of the number's home: bj, sh, gd, js, hb, …
--   lang	zh | en: in which language to answer who has not chosen himself
CREATE TABLE bss.subscriber (
	msisdn		text COLLATE "C" CONSTRAINT subscriber_pkey PRIMARY KEY,
	brand		text COLLATE "C" NOT NULL,
	province	text COLLATE "C" NOT NULL,
	lang		text COLLATE "C" NOT NULL DEFAULT 'zh' CONSTRAINT subscriber_lang CHECK (lang IN ('zh', 'en')),
	plan		text COLLATE "C" NOT NULL,
	plan_since	date NOT NULL
);

-- bss.account: a subscriber's money.
--   balance		may be below 0: arrears
--   valid_until	until when the number stays in service without another payment
CREATE TABLE bss.account (
	msisdn		text COLLATE "C" CONSTRAINT account_pkey PRIMARY KEY,
	balance		bigint NOT NULL,
	valid_until	date NOT NULL
) WITH (fillfactor = 80);

-- bss.payment: the ledger of the accounts; a balance is the sum of its rows and the opening balance.
--   id		what caused it, for a text its mo_id: the same cause is never booked twice
--   amount	what was added; below 0: taken
--   balance	after it
--   ref	the voucher's serial number or the service's code
CREATE TYPE bss.payment_kind AS ENUM ('voucher', 'service');
CREATE TABLE bss.payment (
	msisdn		text COLLATE "C" NOT NULL,
	id		uuid NOT NULL,
	at		timestamptz NOT NULL,
	kind		bss.payment_kind NOT NULL,
	amount		bigint NOT NULL,
	balance		bigint NOT NULL,
	ref		text COLLATE "C" NOT NULL,
	CONSTRAINT payment_pkey PRIMARY KEY (msisdn, id)
);

-- bss.bill: what a month cost; of the current month what it cost so far.
--   month	its first day
--   plan … other	the parts of total
CREATE TABLE bss.bill (
	msisdn		text COLLATE "C" NOT NULL,
	month		date NOT NULL CONSTRAINT bill_month CHECK (extract(day FROM month) = 1),
	plan		integer NOT NULL DEFAULT 0,
	voice		integer NOT NULL DEFAULT 0,
	sms		integer NOT NULL DEFAULT 0,
	data		integer NOT NULL DEFAULT 0,
	service		integer NOT NULL DEFAULT 0,
	other		integer NOT NULL DEFAULT 0,
	total		integer NOT NULL GENERATED ALWAYS AS (plan + voice + sms + data + service + other) STORED,
	CONSTRAINT bill_pkey PRIMARY KEY (msisdn, month)
) WITH (fillfactor = 90);

-- bss.data_usage: mobile data of a month.
--   quota_mb	the plan's and the packages' together
CREATE TABLE bss.data_usage (
	msisdn		text COLLATE "C" NOT NULL,
	month		date NOT NULL CONSTRAINT data_usage_month CHECK (extract(day FROM month) = 1),
	quota_mb	integer NOT NULL,
	used_mb		integer NOT NULL DEFAULT 0,
	CONSTRAINT data_usage_pkey PRIMARY KEY (msisdn, month)
) WITH (fillfactor = 80);

-- bss.points: the bonus points of a subscriber.
--   expiring, expires_on	so many of them are lost after that day
CREATE TABLE bss.points (
	msisdn		text COLLATE "C" CONSTRAINT points_pkey PRIMARY KEY,
	points		integer NOT NULL,
	expiring	integer NOT NULL DEFAULT 0,
	expires_on	date NOT NULL
) WITH (fillfactor = 90);

-- bss.service: what can be switched on.
--   price	a month; the first is taken when it is switched on
--   data_mb	what it adds to a month's data
--   offered	false: who has it keeps it, nobody else gets it
CREATE TABLE bss.service (
	code		text COLLATE "C" CONSTRAINT service_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	about_zh	text NOT NULL,
	about_en	text NOT NULL,
	price		integer NOT NULL CONSTRAINT service_price CHECK (price >= 0),
	data_mb		integer NOT NULL DEFAULT 0,
	offered		boolean NOT NULL DEFAULT true
);

-- bss.service_alias: other words that customers use for a service; its code and names need none.
CREATE TABLE bss.service_alias (
	alias		text COLLATE "C" CONSTRAINT service_alias_pkey PRIMARY KEY,
	service		text COLLATE "C" NOT NULL REFERENCES bss.service
);

-- bss.subscription: what a subscriber has switched on now.
--   price	a month, as agreed then
--   mo_id	the text that asked for it
CREATE TABLE bss.subscription (
	msisdn		text COLLATE "C" NOT NULL,
	service		text COLLATE "C" NOT NULL,
	since		timestamptz NOT NULL,
	price		integer NOT NULL,
	mo_id		uuid NOT NULL,
	CONSTRAINT subscription_pkey PRIMARY KEY (msisdn, service)
) WITH (fillfactor = 85);

-- bss.subscription_past: what a subscriber had and cancelled; kept as long as the law asks.
--   mo_id	the text that asked for it
--   off_id	the text that cancelled it
CREATE TABLE bss.subscription_past (
	msisdn		text COLLATE "C" NOT NULL,
	service		text COLLATE "C" NOT NULL,
	since		timestamptz NOT NULL,
	until		timestamptz NOT NULL,
	price		integer NOT NULL,
	mo_id		uuid NOT NULL,
	off_id		uuid NOT NULL,
	CONSTRAINT subscription_past_pkey PRIMARY KEY (msisdn, off_id)
);

-- bss.voucher: recharge cards.  The secret number is kept as a hash, so that no dump, log or query shows it.
--   hash	sha256 of the 16 digits
--   serial	the number printed openly on the card
--   valid_days	by how much it prolongs the account
--   used_for	whose account got the money; used_by who sent it; mo_id with which text
CREATE TABLE bss.voucher (
	hash		bytea CONSTRAINT voucher_pkey PRIMARY KEY,
	serial		bigint NOT NULL,
	amount		integer NOT NULL CONSTRAINT voucher_amount CHECK (amount > 0),
	valid_days	integer NOT NULL,
	expires_on	date NOT NULL,
	used_at		timestamptz,
	used_by		text COLLATE "C",
	used_for	text COLLATE "C",
	mo_id		uuid
) WITH (fillfactor = 70);

-- bss.event: what customers can sign up for.  One row is everybody's: it is locked first and changed once a sign-up.
--   closes_at		until when one can sign up
--   places, taken	taken counts the registrations that are in
--   waiting_places, waiting	the same for the waiting list
--   last_no		the newest registration's number
CREATE TABLE bss.event (
	code		text COLLATE "C" CONSTRAINT event_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	where_zh	text NOT NULL,
	where_en	text NOT NULL,
	starts_at	timestamptz NOT NULL,
	closes_at	timestamptz NOT NULL,
	places		integer NOT NULL,
	taken		integer NOT NULL DEFAULT 0,
	waiting_places	integer NOT NULL DEFAULT 0,
	waiting		integer NOT NULL DEFAULT 0,
	last_no		integer NOT NULL DEFAULT 0,
	CONSTRAINT event_places CHECK (taken BETWEEN 0 AND places),
	CONSTRAINT event_waiting CHECK (waiting BETWEEN 0 AND waiting_places)
) WITH (fillfactor = 20);

-- bss.event_alias: other words that customers use for an event.
CREATE TABLE bss.event_alias (
	alias		text COLLATE "C" CONSTRAINT event_alias_pkey PRIMARY KEY,
	event		text COLLATE "C" NOT NULL REFERENCES bss.event
);

-- bss.registration: who signed up for what.
--   no		order of arrival within the event; the waiting list moves up in it
--   mo_id	the text that changed it last
--   promoted_at	when he came from the waiting list to a place, so that he can be told
CREATE TYPE bss.registration_state AS ENUM ('in', 'waiting', 'cancelled');
CREATE TABLE bss.registration (
	msisdn		text COLLATE "C" NOT NULL,
	event		text COLLATE "C" NOT NULL,
	no		integer NOT NULL,
	state		bss.registration_state NOT NULL,
	mo_id		uuid NOT NULL,
	signed_at	timestamptz NOT NULL,
	changed_at	timestamptz NOT NULL,
	promoted_at	timestamptz,
	CONSTRAINT registration_pkey PRIMARY KEY (msisdn, event)
) WITH (fillfactor = 85);
CREATE INDEX registration_waiting ON bss.registration (event, no) WHERE state = 'waiting';
