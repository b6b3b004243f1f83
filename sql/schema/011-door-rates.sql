-- The door out, continued: how fast messages leave by which link, what becomes of those that fail or of which nothing is
-- heard, and numbers that nothing reaches.
SET LOCAL ROLE hall_owner;

-- hall.message_class: also
--   heeds_suppressed	not sent to numbers that nothing reaches (hall.suppressed)
--   resends		how often one is sent again that failed for a reason that passes (hall.failure)
--   resend_after	how long after that
ALTER TABLE hall.message_class
	ADD COLUMN heeds_suppressed boolean NOT NULL DEFAULT true,
	ADD COLUMN resends smallint NOT NULL DEFAULT 0 CONSTRAINT message_class_resends CHECK (resends BETWEEN 0 AND 99),
	ADD COLUMN resend_after interval NOT NULL DEFAULT '30 minutes'
		CONSTRAINT message_class_resend_after CHECK (resend_after > '0');
UPDATE hall.message_class c
SET heeds_suppressed = c.class <> 'otp', resends = v.resends, resend_after = v.after::interval
FROM (VALUES ('otp', 2, '20 seconds'), ('service', 3, '30 minutes'), ('notice', 3, '2 hours'), ('commercial', 1, '2 hours'))
	AS v (class, resends, after)
WHERE c.class::text = v.class;

-- hall.mt: also
--   again	how often it was put back to be sent again, after failures that pass; NULL: never
-- why: held: also resend and what failed; sent, and nothing heard of it in time: no_report.
ALTER TABLE hall.mt ADD COLUMN again smallint;

-- hall.number_range: by which link a number is reached, by its first digits; the longest counts.  A number in none: any.
CREATE TABLE hall.number_range (
	prefix	text COLLATE "C" CONSTRAINT number_range_pkey PRIMARY KEY
		CONSTRAINT number_range_prefix CHECK (prefix ~ '^(1[0-9]{0,10}|\+[1-9][0-9]{0,14})$'),
	link	text COLLATE "C" NOT NULL CONSTRAINT number_range_link CHECK (link <> ''),
	about	text NOT NULL DEFAULT ''
);

-- hall.link_rate: how many SMS a second may leave by a link that no customer asked for, over all smsd.
--   link	as the gateway calls it; '': what may go by any; *: each that has no row of its own.  No row, no *: no limit
--   rate	segments a second; 0: nothing goes
--   burst	so many at once after a rest
CREATE TABLE hall.link_rate (
	link	text COLLATE "C" CONSTRAINT link_rate_pkey PRIMARY KEY,
	rate	integer NOT NULL CONSTRAINT link_rate_rate CHECK (rate BETWEEN 0 AND 100000),
	burst	integer NOT NULL CONSTRAINT link_rate_burst CHECK (burst BETWEEN 1 AND 100000)
);

-- hall.link_lease: the share of a link's rate that each smsd has, renewed every few seconds (hall.link_lease_take).  The
-- shares of a link never add up to more than its rate.
CREATE TABLE hall.link_lease (
	link		text COLLATE "C" NOT NULL,
	instance	text COLLATE "C" NOT NULL,
	share		double precision NOT NULL,
	until		timestamptz NOT NULL,
	CONSTRAINT link_lease_pkey PRIMARY KEY (link, instance)
) WITH (fillfactor = 50);

-- hall.held: also
--   link	by which it would leave; '': any
ALTER TABLE hall.held ADD COLUMN link text COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX hall.held_class;
CREATE INDEX held_link ON hall.held (link, class, due);		-- what goes first by each link

-- hall.failure: what a delivery report's reason means.
--   code	what hall.failure_code() makes of it: UNDELIV 001, or UNDELIV for all those that have no row of their own
--   kind	temporary: it may be delivered later; number: nothing will ever reach this number; message: neither
CREATE TABLE hall.failure (
	code	text COLLATE "C" CONSTRAINT failure_pkey PRIMARY KEY,
	kind	text COLLATE "C" NOT NULL CONSTRAINT failure_kind CHECK (kind IN ('temporary', 'number', 'message')),
	about	text NOT NULL
);
INSERT INTO hall.failure (code, kind, about) VALUES
	('EXPIRED', 'temporary', 'not reached as long as the message centre tried'),
	('UNDELIV 027', 'temporary', 'absent: switched off, or without coverage'),
	('UNDELIV 031', 'temporary', 'busy with another message'),
	('UNDELIV 032', 'temporary', 'the handset could not take it: memory full'),
	('UNDELIV 034', 'temporary', 'the network failed'),
	('0x00000008', 'temporary', 'the message centre failed'),
	('0x00000014', 'temporary', 'the message centre''s queue is full'),
	('0x00000058', 'temporary', 'too many at once for the message centre'),
	('UNDELIV 001', 'number', 'no such subscriber'),
	('UNDELIV 005', 'number', 'unidentified subscriber'),
	('UNDELIV 009', 'number', 'illegal subscriber'),
	('UNDELIV 011', 'number', 'the subscription has no SMS'),
	('UNDELIV 012', 'number', 'illegal handset'),
	('0x0000000b', 'number', 'no such number'),
	('UNDELIV 013', 'message', 'barred'),
	('UNDELIV', 'message', 'not deliverable'),
	('REJECTD', 'message', 'rejected'),
	('DELETED', 'message', 'deleted at the message centre'),
	('UNKNOWN', 'message', 'the message centre knows nothing of it');

-- hall.suppression_rule: when a number counts as one that nothing reaches.  One row.
--   failures	so many messages in a row that failed because of the number; 0: never
--   days	within so many days
--   lasts	how long it counts as such
CREATE TABLE hall.suppression_rule (
	failures	smallint NOT NULL CONSTRAINT suppression_rule_failures CHECK (failures BETWEEN 0 AND 100),
	days		smallint NOT NULL CONSTRAINT suppression_rule_days CHECK (days BETWEEN 1 AND 365),
	lasts		interval NOT NULL CONSTRAINT suppression_rule_lasts CHECK (lasts > '0'),
	one		boolean DEFAULT true CONSTRAINT suppression_rule_pkey PRIMARY KEY CONSTRAINT suppression_rule_one CHECK (one)
);
INSERT INTO hall.suppression_rule (failures, days, lasts) VALUES (3, 30, '90 days');

-- hall.suppressed: numbers to which messages failed for good, several times in a row.  A message delivered since then, or
-- a text from the number, lifts it: hall.door_judge() looks.
--   since	when the last of them failed
--   failures	how many in a row
--   why	what the last report said: hall.failure
--   until	then it is tried again
CREATE TABLE hall.suppressed (
	msisdn		text COLLATE "C" CONSTRAINT suppressed_pkey PRIMARY KEY,
	since		timestamptz NOT NULL,
	failures	smallint NOT NULL,
	why		text NOT NULL,
	until		timestamptz NOT NULL
);

-- hall.silence: up to which batch hall.door_silence() has looked for messages of a class of which nothing was heard.
CREATE TABLE hall.silence (
	class	hall.mt_class CONSTRAINT silence_pkey PRIMARY KEY,
	upto	bigint NOT NULL
);
INSERT INTO hall.silence (class, upto)
SELECT k, extract(epoch FROM date_trunc('day', now()) - interval '7 days') * 1000000 FROM unnest(enum_range(NULL::hall.mt_class)) AS k;

-- The rules are for people to change.
REVOKE INSERT, UPDATE, DELETE ON hall.number_range, hall.link_rate, hall.failure, hall.suppression_rule FROM smsd;
GRANT INSERT, UPDATE, DELETE ON hall.number_range, hall.link_rate, hall.failure, hall.suppressed TO hall_ops;
GRANT UPDATE ON hall.suppression_rule TO hall_ops;

-- It has more parameters and columns now.
DROP FUNCTION IF EXISTS hall.door_take(text, smallint, bigint, integer, timestamptz);
