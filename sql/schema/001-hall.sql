-- hall: what the engine itself keeps.  Numbered files are applied once, in order, each in one transaction, and
-- never edited afterwards: a change is a new file.

CREATE SCHEMA hall;
CREATE SCHEMA hall_api;		-- functions that command tables and other channels call
CREATE SCHEMA hall_cmd;		-- each command's SQL as a function, named by its content; owned by hall_command

-- hall.mo: one text that a customer sent.  Written in the transaction that holds its effect and its answer.
--   at		the gateway's time; a redelivered text repeats it, so it is part of the key
--   id		the gateway's UUID of the text
--   port	the short code it was sent to, extension included
--   link	the SMSC link (smsc-id) it came by
--   text	as typed, secrets hidden
--   folded	in the form that wordings are compared in, secrets hidden
--   command	table.command that answered; NULL: no command did
--   outcome	what the command's SQL said; or unknown, usage, error
--   version	of the tables that answered
--   batch	microseconds since 1970 when its batch began, unique for (instance, conn)
CREATE TABLE hall.mo (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	port		text COLLATE "C" NOT NULL,
	link		text COLLATE "C",
	text		text NOT NULL,
	folded		text NOT NULL,
	command		text COLLATE "C",
	outcome		text COLLATE "C" NOT NULL,
	version		integer,
	instance	text COLLATE "C" NOT NULL,
	conn		smallint NOT NULL,
	batch		bigint NOT NULL,
	CONSTRAINT mo_pkey PRIMARY KEY (msisdn, at, id)
) PARTITION BY RANGE (at);

-- hall.mt: one message to a customer, whoever made it.  A row exists before the message is sent.
--   at		for a reply the time of its MO; else when it was made
--   id		the UUID on the wire; follows from the key of what caused it, so that sending again repeats it
--   class	reply | otp | service | notice | commercial
--   cause	mo | reminder | blast; cause_id names it
--   state	queued: to be sent, or sent and not refused (hall.sender says up to which batch the gateway took all)
--   batch	as in hall.mo
CREATE TYPE hall.mt_class AS ENUM ('reply', 'otp', 'service', 'notice', 'commercial');
CREATE TYPE hall.mt_cause AS ENUM ('mo', 'reminder', 'blast');
CREATE TYPE hall.mt_state AS ENUM ('queued', 'held', 'refused', 'rejected', 'accepted', 'buffered', 'failed', 'delivered');

CREATE TABLE hall.mt (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	class		hall.mt_class NOT NULL,
	cause		hall.mt_cause NOT NULL,
	cause_id	uuid,
	port		text COLLATE "C" NOT NULL,
	link		text COLLATE "C",
	receiver	text COLLATE "C" NOT NULL,	-- the number as the gateway gave it
	text		text NOT NULL,
	segments	smallint NOT NULL,
	report		boolean NOT NULL,		-- a delivery report is asked for
	tip		text COLLATE "C",		-- the tip that rides in it
	version		integer,
	state		hall.mt_state NOT NULL DEFAULT 'queued',
	why		text,				-- held, refused or rejected: the reason
	reported_at	timestamptz,
	instance	text COLLATE "C" NOT NULL,
	conn		smallint NOT NULL,
	batch		bigint NOT NULL,
	CONSTRAINT mt_pkey PRIMARY KEY (msisdn, at, id)
) PARTITION BY RANGE (at);

-- Finds what was committed and perhaps not sent: batches grow with time, so a BRIN index costs nothing on insert.
CREATE INDEX mt_batch ON hall.mt USING brin (batch) WITH (autosummarize = on, pages_per_range = 32);

-- hall.contact: one contact of a customer with one of our channels, for attribution and shares.
--   channel	sms, or what another channel calls itself (counter, hotline, web, app, kiosk)
--   business	what it was about: table.command
CREATE TABLE hall.contact (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	channel		text COLLATE "C" NOT NULL,
	business	text COLLATE "C",
	outcome		text COLLATE "C",
	CONSTRAINT contact_pkey PRIMARY KEY (msisdn, at, id)
) PARTITION BY RANGE (at);

-- What falls outside the days that were made ahead; hall.partition_status() watches that they stay empty.
CREATE TABLE hall.mo_default PARTITION OF hall.mo DEFAULT;
CREATE TABLE hall.mt_default PARTITION OF hall.mt DEFAULT;
CREATE TABLE hall.contact_default PARTITION OF hall.contact DEFAULT;

-- hall.subscriber: what the hall itself knows of a subscriber; a row exists once there is something to know.
--   lang	zh | en as the customer chose; NULL: as hall_api.profile() says, else zh
CREATE TABLE hall.subscriber (
	msisdn		text COLLATE "C" PRIMARY KEY,
	lang		text COLLATE "C" CONSTRAINT subscriber_lang CHECK (lang IN ('zh', 'en')),
	changed_at	timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 85);

-- hall.tip_seen: when a subscriber was shown a tip, newest last, no more than its cap counts.
CREATE TABLE hall.tip_seen (
	msisdn		text COLLATE "C" NOT NULL,
	tip		text COLLATE "C" NOT NULL,
	shown_at	timestamptz[] NOT NULL,
	CONSTRAINT tip_seen_pkey PRIMARY KEY (msisdn, tip)
) WITH (fillfactor = 85);

-- hall.sender: how far each connection of each smsd has come.
--   last_batch	the newest batch that was committed: tells after an in-doubt COMMIT what happened
--   accepted	all MTs of batches up to this one were accepted by the gateway (or refused: their rows say so)
CREATE TABLE hall.sender (
	instance	text COLLATE "C" NOT NULL,
	conn		smallint NOT NULL,
	last_batch	bigint NOT NULL DEFAULT 0,
	accepted	bigint NOT NULL DEFAULT 0,
	changed_at	timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT sender_pkey PRIMARY KEY (instance, conn)
) WITH (fillfactor = 20);

-- hall.mo_part: a raw part of a long MO (bearerbox hands out parts unjoined after its restart), until all are there.
CREATE TABLE hall.mo_part (
	msisdn		text COLLATE "C" NOT NULL,
	port		text COLLATE "C" NOT NULL,
	ref		integer NOT NULL,
	total		smallint NOT NULL,
	n		smallint NOT NULL,
	id		uuid NOT NULL,
	at		timestamptz NOT NULL,
	link		text COLLATE "C",
	coding		smallint NOT NULL,
	body		bytea NOT NULL,		-- sealed: it may hold a secret
	arrived_at	timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT mo_part_pkey PRIMARY KEY (msisdn, port, ref, total, n)
);

-- hall.parked: a text that failed by an error of ours and waits for a person.
--   sealed	the whole text as it came, encrypted with the hall's key
--   attempt	how often it was tried again
--   state	parked | retry: asked to run again | running | done | dropped
CREATE TABLE hall.parked (
	id		uuid CONSTRAINT parked_pkey PRIMARY KEY,
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	port		text COLLATE "C" NOT NULL,
	link		text COLLATE "C",
	text		text NOT NULL,			-- secrets hidden
	sealed		bytea NOT NULL,
	command		text COLLATE "C",
	version		integer,
	sqlstate	text COLLATE "C",
	error		text NOT NULL,
	attempt		integer NOT NULL DEFAULT 0,
	state		text COLLATE "C" NOT NULL DEFAULT 'parked'
			CONSTRAINT parked_state CHECK (state IN ('parked', 'retry', 'running', 'done', 'dropped')),
	parked_at	timestamptz NOT NULL DEFAULT now(),
	changed_at	timestamptz NOT NULL DEFAULT now(),
	changed_by	text
);

-- hall.table_version: one version of the command tables.  At most one is active.
CREATE TABLE hall.table_version (
	id		integer GENERATED ALWAYS AS IDENTITY CONSTRAINT table_version_pkey PRIMARY KEY,
	state		text COLLATE "C" NOT NULL
			CONSTRAINT table_version_state CHECK (state IN ('draft', 'checked', 'approved', 'active', 'retired')),
	note		text NOT NULL DEFAULT '',
	made_by		text NOT NULL DEFAULT session_user,
	made_at		timestamptz NOT NULL DEFAULT now(),
	activated_at	timestamptz,
	retired_at	timestamptz
);
CREATE UNIQUE INDEX table_version_one_active ON hall.table_version (state) WHERE state = 'active';

CREATE TABLE hall.table_file (
	version		integer NOT NULL REFERENCES hall.table_version,
	name		text COLLATE "C" NOT NULL,	-- services.yaml
	content		text NOT NULL,
	CONSTRAINT table_file_pkey PRIMARY KEY (version, name)
);

-- hall.table_function: which function runs a command in a version, and what goes in and comes out.
--   function	hall_cmd.f_<hash of SQL, types, risk>
--   params	what is bound, in order: msisdn, mo_id, now, lang, port, link, or an argument's name
--   outcomes	all that the outcome column can say, where its type is an enum; else NULL
CREATE TABLE hall.table_function (
	version		integer NOT NULL REFERENCES hall.table_version,
	command		text COLLATE "C" NOT NULL,	-- table.command
	function	text COLLATE "C" NOT NULL,
	params		text[] NOT NULL,
	param_types	text[] NOT NULL,
	columns		text[] NOT NULL,
	outcomes	text[],
	CONSTRAINT table_function_pkey PRIMARY KEY (version, command)
);
