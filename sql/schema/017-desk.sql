-- The campaign desk: what the query of a segment may look at.

-- segment: views for the queries that say who gets a blast (smsctl blast new --segment).  They run as hall_segment, which
-- sees nothing else, in a transaction that only reads.  An operator points these views at his own data, keeps their columns,
-- and adds more: what stands here may be written into messages, so no passwords, identity numbers or texts of customers.
-- A column that a query does not name costs nothing.
CREATE SCHEMA segment AUTHORIZATION hall_owner;
SET LOCAL ROLE hall_owner;

-- segment.subscriber: a row a subscriber.
--   lang		as he chose himself, else as billing has it
--   price		of the plan, yuan a month
--   balance		yuan; below 0: arrears
--   data_left_mb	of this month
--   notice, commercial, recommend	what he said last of messages of that class, or of all: in | out; NULL: nothing
--   blocked		on the list `block`: never sent anything
--   last_contact	by whichever channel, the last 90 days; it is looked up one by one: for many subscribers rather ask
--			whether EXISTS (SELECT FROM contact …)
CREATE VIEW segment.subscriber AS
SELECT s.msisdn, coalesce((SELECT h.lang FROM hall.subscriber h WHERE h.msisdn = s.msisdn), s.lang) AS lang,
	s.brand, s.province, s.plan, p.name_zh AS plan_zh, p.name_en AS plan_en, (p.price / 100.0)::numeric(12, 2) AS price,
	s.plan_since, (a.balance / 100.0)::numeric(12, 2) AS balance, a.valid_until, d.quota_mb AS data_quota_mb,
	d.used_mb AS data_used_mb, d.quota_mb - d.used_mb AS data_left_mb, b.points,
	(SELECT c.state FROM hall.consent c WHERE c.msisdn = s.msisdn AND c.class IN ('notice', 'all')
		ORDER BY c.at DESC, c.state DESC LIMIT 1) AS notice,
	(SELECT c.state FROM hall.consent c WHERE c.msisdn = s.msisdn AND c.class IN ('commercial', 'all')
		ORDER BY c.at DESC, c.state DESC LIMIT 1) AS commercial,
	(SELECT c.state FROM hall.consent c WHERE c.msisdn = s.msisdn AND c.class IN ('recommend', 'all')
		ORDER BY c.at DESC, c.state DESC LIMIT 1) AS recommend,
	EXISTS (SELECT FROM hall.number_list l WHERE l.msisdn = s.msisdn AND l.list = 'block') AS blocked,
	(SELECT max(c.at) FROM hall.contact c WHERE c.msisdn = s.msisdn AND c.at > now() - interval '90 days') AS last_contact
FROM bss.subscriber s
LEFT JOIN bss.plan p ON p.code = s.plan
LEFT JOIN bss.account a ON a.msisdn = s.msisdn
LEFT JOIN bss.data_usage d ON d.msisdn = s.msisdn
	AND d.month = date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN bss.points b ON b.msisdn = s.msisdn;

-- segment.bill: what each month cost, in yuan; segment.usage: what was used in it.
CREATE VIEW segment.bill AS
SELECT b.msisdn, b.month, (b.total / 100.0)::numeric(12, 2) AS total, (b.plan / 100.0)::numeric(12, 2) AS plan,
	(b.data / 100.0)::numeric(12, 2) AS data, (b.voice / 100.0)::numeric(12, 2) AS voice,
	(b.service / 100.0)::numeric(12, 2) AS service
FROM bss.bill b;
CREATE VIEW segment.usage AS
SELECT u.msisdn, u.month, u.calls, u.voice_min, u.sms, u.data_mb FROM bss.usage u;

-- segment.service: who has which service on, since when, for how many yuan a month.
CREATE VIEW segment.service AS
SELECT s.msisdn, s.service, v.name_zh, v.name_en, (s.price / 100.0)::numeric(12, 2) AS price, s.since
FROM bss.subscription s LEFT JOIN bss.service v ON v.code = s.service;

-- segment.event: who signed up for which event; state: in | waiting | cancelled.
CREATE VIEW segment.event AS
SELECT r.msisdn, r.event, e.name_zh, e.name_en, e.starts_at, r.state::text COLLATE "C" AS state, r.signed_at
FROM bss.registration r LEFT JOIN bss.event e ON e.code = r.event;

-- segment.contact: contacts with any channel, about which business.
CREATE VIEW segment.contact AS
SELECT c.msisdn, c.at, c.channel, c.business, c.outcome FROM hall.contact c;

-- segment.list: who is on which list.
CREATE VIEW segment.list AS
SELECT l.msisdn, l.list FROM hall.number_list l;

-- segment.message: which messages that he did not ask for a subscriber was made; wording names reminder or blast.
CREATE VIEW segment.message AS
SELECT m.msisdn, m.at, m.class::text COLLATE "C" AS class, m.cause::text COLLATE "C" AS cause, m.wording,
	m.state::text COLLATE "C" AS state, m.why
FROM hall.mt m WHERE m.class <> 'reply';

GRANT USAGE ON SCHEMA segment TO hall_segment;
GRANT SELECT ON ALL TABLES IN SCHEMA segment TO hall_segment;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_owner IN SCHEMA segment GRANT SELECT ON TABLES TO hall_segment;
