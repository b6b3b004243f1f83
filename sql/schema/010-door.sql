-- The one door out for messages that no customer asked for: what class they are of, which of them wait, and what
-- triggers them.
SET LOCAL ROLE hall_owner;

-- hall.message_class: what holds for the messages of a class.  hall.door_take() goes by it when each is to be sent.
--   opens, closes	sent from opens to before closes, Asia/Shanghai; closes before opens: over midnight; equal: always
--   cap, cap_days	at most so many to a subscriber in so many days; cap 0: any number
--   cap_tips		tips in replies count too
--   needs_consent	sent to who said yes, and to nobody else
--   heeds_optout	not sent to who said no: to this class or to all; to commercial ones also who wants no
--			recommendations
--   valid		how long after its cause a message still makes sense
--   port		the port it comes from, or with an extension of it; NULL: any
--   opt_out_zh/en	the line that such a message must hold: how to be sent no more; '': none
CREATE TABLE hall.message_class (
	class		hall.mt_class CONSTRAINT message_class_pkey PRIMARY KEY
			CONSTRAINT message_class_class CHECK (class <> 'reply'),
	opens		time NOT NULL,
	closes		time NOT NULL,
	cap		smallint NOT NULL CONSTRAINT message_class_cap CHECK (cap >= 0),
	cap_days	smallint NOT NULL CONSTRAINT message_class_days CHECK (cap_days BETWEEN 1 AND 31),
	cap_tips	boolean NOT NULL,
	needs_consent	boolean NOT NULL,
	heeds_optout	boolean NOT NULL,
	valid		interval NOT NULL CONSTRAINT message_class_valid CHECK (valid > '0' AND valid <= '31 days'),
	port		text COLLATE "C",
	opt_out_zh	text NOT NULL,
	opt_out_en	text NOT NULL
);
INSERT INTO hall.message_class (class, opens, closes, cap, cap_days, cap_tips, needs_consent, heeds_optout, valid, port,
	opt_out_zh, opt_out_en)
VALUES
	('otp', '00:00', '00:00', 0, 1, false, false, false, '5 minutes', NULL, '', ''),
	('service', '08:00', '22:00', 0, 1, false, false, true, '2 days', NULL, '', ''),
	('notice', '08:00', '21:00', 10, 7, false, false, true, '3 days', NULL, '', ''),
	('commercial', '08:00', '21:00', 3, 7, true, true, true, '1 day', '1008688', '回TD退订', 'TD to stop');

-- hall.mt: also
--   wording	which text of which reminder or blast, and of which version of the tables: reminders.steer v12
--   until	later it makes no sense
-- Of what passes the door: at is the time of its cause, in whole seconds as the gateway's; held: hall.held says until
-- when, why says for what (new | hours | cap); refused: why is expired, blocked, opted_out, no_opt_out, no_consent or
-- cap; instance -, conn 0 and batch 0 until it is sent, then batch is the time of it.
ALTER TABLE hall.mt ADD COLUMN wording text COLLATE "C", ADD COLUMN until timestamptz;

-- hall.held: messages that wait; a row for each of hall.mt in state held.
--   due	when to look at it again
CREATE TABLE hall.held (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	class		hall.mt_class NOT NULL,
	due		timestamptz NOT NULL,
	CONSTRAINT held_pkey PRIMARY KEY (msisdn, at, id)
);
CREATE INDEX held_due ON hall.held (due);		-- when the next one is
CREATE INDEX held_class ON hall.held (class, due);	-- what goes first

-- hall.trigger: what another channel reported, so that reminders may follow.
--   name	what happened: counter_transaction
--   key	which one, in that channel's own words: the same name and key is the same event
--   msisdn	whom it concerns; NULL: it is in the data, or nobody in particular
--   data	whatever else the reminder's SQL should know
--   at		when it was reported, in whole seconds
--   state	new | done | failed | ignored: no table asks for it
--   why	failed: the reason
CREATE TABLE hall.trigger (
	id		uuid CONSTRAINT trigger_pkey PRIMARY KEY,
	name		text COLLATE "C" NOT NULL CONSTRAINT trigger_name CHECK (name <> ''),
	key		text COLLATE "C" NOT NULL CONSTRAINT trigger_key CHECK (key <> ''),
	-- The hall's one form of a number: under another one a customer's opt-out would not be found.
	msisdn		text COLLATE "C" CONSTRAINT trigger_msisdn
			CHECK (msisdn ~ '^(1[3-9][0-9]{9}|\+[1-9][0-9]{6,14})$' AND msisdn !~ '^\+86'),
	data		jsonb NOT NULL,
	at		timestamptz NOT NULL,
	state		text COLLATE "C" NOT NULL DEFAULT 'new'
			CONSTRAINT trigger_state CHECK (state IN ('new', 'done', 'failed', 'ignored')),
	why		text,
	CONSTRAINT trigger_name_key UNIQUE (name, key)
) WITH (fillfactor = 85);
CREATE INDEX trigger_new ON hall.trigger (at) WHERE state = 'new';

-- hall.reminder_sent: when a subscriber was last sent a reminder, for `once_per`.
--   reminder	table.reminder
--   scope	what else it is once per: the channel, the agreement; '': nothing
CREATE TABLE hall.reminder_sent (
	reminder	text COLLATE "C" NOT NULL,
	msisdn		text COLLATE "C" NOT NULL,
	scope		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	CONSTRAINT reminder_sent_pkey PRIMARY KEY (msisdn, reminder, scope)
) WITH (fillfactor = 85);

-- The rules of a class are for people to change.
REVOKE INSERT, UPDATE, DELETE ON hall.message_class FROM smsd;
GRANT UPDATE ON hall.message_class TO hall_ops;
GRANT SELECT, INSERT ON hall.trigger TO hall_api_owner;
