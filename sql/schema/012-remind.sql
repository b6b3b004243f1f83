-- Reminders: when each is due by its schedule, what is to be run when, the messages of a run that are still to be put
-- behind the door, and which command the answer to a message goes to.
SET LOCAL ROLE hall_owner;

-- hall.reminder_schedule: reminders with `every`.  next only ever moves forward, in the transaction that makes the run:
-- whoever moves it makes that run, and nobody else does.
--   reminder	table.reminder
--   every, zone	as the tables in force have them
--   next	when it is due next
--   last	when it was due last; NULL: never yet
CREATE TABLE hall.reminder_schedule (
	reminder	text COLLATE "C" CONSTRAINT reminder_schedule_pkey PRIMARY KEY,
	every		text NOT NULL,
	zone		text NOT NULL,
	next		timestamptz NOT NULL,
	last		timestamptz
);

-- hall.reminder_run: one run of a reminder's SQL.
--   id		follows from the reminder, its trigger or scheduled moment, and the step: the same one is made once
--   reminder	table.reminder
--   trigger	hall.trigger.id; NULL: by schedule
--   step	of a series, or the level of an escalation; 1 where there is but one
--   due	when to run it; its messages have this as the time of their cause
--   state	new | ran | failed | ignored: no table has such a reminder, or such a step, any more
--   ran_at	when its SQL was run
--   rows	what that gave
--   version	of the tables that ran it: their text is sent
--   columns	of the rows in hall.reminder_row, one a line
--   lost	rows that could not become messages; why says the last reason
--   why	failed, ignored: the reason
CREATE TABLE hall.reminder_run (
	id		uuid CONSTRAINT reminder_run_pkey PRIMARY KEY,
	reminder	text COLLATE "C" NOT NULL,
	trigger		uuid,
	step		smallint NOT NULL,
	due		timestamptz NOT NULL,
	state		text COLLATE "C" NOT NULL DEFAULT 'new'
			CONSTRAINT reminder_run_state CHECK (state IN ('new', 'ran', 'failed', 'ignored')),
	ran_at		timestamptz,
	rows		integer NOT NULL DEFAULT 0,
	version		integer,
	columns		text,
	lost		integer NOT NULL DEFAULT 0,
	why		text
) WITH (fillfactor = 85);
CREATE INDEX reminder_run_new ON hall.reminder_run (due) WHERE state = 'new';
CREATE INDEX reminder_run_due ON hall.reminder_run (due);		-- retention
CREATE INDEX reminder_run_reminder ON hall.reminder_run (reminder, due);

-- hall.reminder_row: rows of runs that did not become messages yet.  Each goes in the transaction that puts its message.
--   rank	of the message's class: 1 otp, 2 service, 3 notice, 4 commercial
--   run, n	of hall.reminder_run; from 1
--   cells	the columns of reminder_run.columns, parted by U+001F; U+001E alone: NULL
CREATE TABLE hall.reminder_row (
	rank		smallint NOT NULL,
	run		uuid NOT NULL,
	n		integer NOT NULL,
	cells		text NOT NULL,
	CONSTRAINT reminder_row_pkey PRIMARY KEY (rank, run, n)
);

-- hall.opens: where the answer to a message that nobody asked for will go.  When the message is sent, hall.door_take() makes it
-- an open question (hall.dialogue).
--   msisdn, at, id	key of the message (hall.mt)
--   command	table.command
--   within	how long after the sending
--   version	of the tables that asked
--   state	sealed: the arguments that are known
CREATE TABLE hall.opens (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	command		text COLLATE "C" NOT NULL,
	within		interval NOT NULL,
	version		integer NOT NULL,
	state		bytea NOT NULL,
	CONSTRAINT opens_pkey PRIMARY KEY (msisdn, at, id)
);
CREATE INDEX opens_at ON hall.opens (at);

CREATE INDEX trigger_at ON hall.trigger (at);	-- retention
