-- Blasts: one message to many, written by one person, approved by another, sent behind the one door.
--
-- Everything is done by functions hall.blast_*(p_who, p_blast, …), one file each; each answers one row (outcome, detail):
-- the outcome alone decides, detail says the rest, in particular why, a sentence for people.  smsctl and the HTTP API call
-- the same ones.  p_who acts; see hall.blast_actor().  p_blast is the blast's name, or its number in digits.
--
--   author	blast_new(who, name, class, columns text[], texts jsonb, options jsonb)
--		blast_edit(who, blast, changes jsonb)
--		blast_recipients_add(who, blast, load uuid, bad text, most integer)	from hall.blast_load
--		blast_recipients_clear(who, blast)
--		blast_seal_list(who, blast)
--		blast_submit(who, blast)
--   approver	blast_approve(who, blast, hash text)
--		blast_reject(who, blast, why text)
--   both	blast_start(who, blast, at timestamptz)		at in the future: a schedule
--		blast_pause(who, blast, why text)
--		blast_resume(who, blast)
--		blast_cancel(who, blast, why text)
--		blast_rate(who, blast, rate integer)
--   viewer	blast_list(who, state text)	detail.blasts
--		blast_show(who, blast)
--		blast_status(who, blast)	live
--		blast_preview(who, blast, now timestamptz, rate integer, most integer)
--		blast_report(who, blast)
--		blast_history(who, blast)	detail.log
--		blast_export(who, blast, whole boolean)		a row a recipient; 42501 for who may not
--   smsd	blast_take(…), blast_put(…), blast_again(…)
SET LOCAL ROLE hall_owner;

CREATE TYPE hall.blast_state AS ENUM ('draft', 'submitted', 'approved', 'running', 'paused', 'done', 'cancelled', 'expired');

-- What the functions answer.
--   no_such_blast, name_taken
--   forbidden		not in that role, or in somebody else's name
--   own		nobody approves what he wrote or submitted
--   wrong_state	detail.state says which one it is in
--   bad_value		detail.field says what is wrong, why says how
--   bad_rows		the file has them, and none of it was taken
--   incomplete		something is missing: detail.field
--   changed		it is not what was looked at, or approved
--   too_late		it would end before it begins
CREATE TYPE hall.blast_outcome AS ENUM ('ok', 'no_such_blast', 'name_taken', 'forbidden', 'own', 'wrong_state', 'bad_value',
	'bad_rows', 'incomplete', 'changed', 'too_late');

-- hall.blast: one blast.
--   uuid		the ids of its messages follow from it and the recipient's n
--   name		letters, digits, - and _, beginning with a letter
--   starts_at		not before; NULL: when it is started
--   scheduled		it begins by itself at starts_at, being approved
--   ends_at		what did not go by then never goes
--   port		an extension of the class's own; NULL: the class's, else the hall's first
--   rate		messages a second at most; NULL: what the door gives
--   spread		evenly over so long from its start, the class's hours alone counted; NULL: as fast as it goes
--   columns		what `data` of its recipients means, in order; msisdn and lang are not among them
--   recipients		how many are on the list
--   list_hash		SHA-256 of the list; NULL: not sealed, or changed since
--   content_hash	SHA-256 of all that an approver approves, the list's hash in it; NULL: not submitted
--   approved_hash	content_hash as it was approved; it runs only while they are equal
--   control		percent of the recipients that are never sent it, to compare with
--   steers		the e-channel that it steers to, for hall.attribution()
--   over_cap		who had his share already: hold it until he may have more, or drop it
--   checked_at		when it was looked whether all held ones have gone
CREATE TABLE hall.blast (
	id		integer GENERATED ALWAYS AS IDENTITY CONSTRAINT blast_pkey PRIMARY KEY,
	uuid		uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT blast_uuid UNIQUE,
	name		text COLLATE "C" NOT NULL CONSTRAINT blast_name UNIQUE
			CONSTRAINT blast_name_form CHECK (name ~ '^[A-Za-z][A-Za-z0-9_-]{0,63}$'),
	class		hall.mt_class NOT NULL CONSTRAINT blast_class REFERENCES hall.message_class,
	state		hall.blast_state NOT NULL DEFAULT 'draft',
	author		text NOT NULL,
	submitter	text,
	approver	text,
	made_at		timestamptz NOT NULL DEFAULT now(),
	submitted_at	timestamptz,
	approved_at	timestamptz,
	starts_at	timestamptz,
	scheduled	boolean NOT NULL DEFAULT false,
	started_at	timestamptz,
	ends_at		timestamptz,
	finished_at	timestamptz,
	port		text COLLATE "C" CONSTRAINT blast_port CHECK (port ~ '^[0-9]{3,20}$'),
	rate		integer CONSTRAINT blast_rate CHECK (rate BETWEEN 1 AND 100000),
	spread		interval CONSTRAINT blast_spread CHECK (spread > '0' AND spread <= '366 days'),
	columns		text[] COLLATE "C" NOT NULL DEFAULT '{}',
	recipients	bigint NOT NULL DEFAULT 0,
	list_hash	text COLLATE "C",
	content_hash	text COLLATE "C",
	approved_hash	text COLLATE "C",
	control		smallint NOT NULL DEFAULT 0 CONSTRAINT blast_control CHECK (control BETWEEN 0 AND 90),
	steers		text COLLATE "C" CONSTRAINT blast_steers CHECK (steers ~ '^[a-z][a-z0-9_]{0,31}$'),
	over_cap	text COLLATE "C" NOT NULL DEFAULT 'hold' CONSTRAINT blast_over_cap CHECK (over_cap IN ('hold', 'drop')),
	note		text NOT NULL DEFAULT '',
	checked_at	timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
CREATE INDEX blast_live ON hall.blast (id) WHERE state IN ('approved', 'running', 'paused');

-- hall.blast_variant: the wordings of a blast that are compared, and the share of each among who is no control.
CREATE TABLE hall.blast_variant (
	blast		integer NOT NULL CONSTRAINT blast_variant_blast REFERENCES hall.blast,
	variant		text COLLATE "C" NOT NULL CONSTRAINT blast_variant_form CHECK (variant ~ '^[A-Za-z][A-Za-z0-9_]{0,15}$'),
	share		smallint NOT NULL CONSTRAINT blast_variant_share CHECK (share BETWEEN 1 AND 1000),
	CONSTRAINT blast_variant_pkey PRIMARY KEY (blast, variant)
);

-- hall.blast_text: what a variant says in a language, with its holes {{column}}.
CREATE TABLE hall.blast_text (
	blast		integer NOT NULL,
	variant		text COLLATE "C" NOT NULL,
	lang		text COLLATE "C" NOT NULL CONSTRAINT blast_text_lang CHECK (lang IN ('zh', 'en')),
	text		text NOT NULL CONSTRAINT blast_text_some CHECK (text ~ '\S' AND length(text) <= 10000),
	CONSTRAINT blast_text_pkey PRIMARY KEY (blast, variant, lang),
	CONSTRAINT blast_text_variant FOREIGN KEY (blast, variant) REFERENCES hall.blast_variant ON DELETE CASCADE
);

-- hall.blast_load: rows of a file on their way to a list, filled by COPY or by arrays, emptied by
-- hall.blast_recipients_add().  Unlogged: what a crash loses is only loaded again.
--   load	of which file: a random id that whoever loads it chose
--   line	in that file
CREATE UNLOGGED TABLE hall.blast_load (
	load		uuid NOT NULL,
	line		integer NOT NULL,
	msisdn		text COLLATE "C",
	lang		text COLLATE "C",
	data		text[],
	at		timestamptz NOT NULL DEFAULT now()
);

-- hall.blast_recipient: who is on the list.
--   n		from 1, without gaps
--   lang	NULL: as the subscriber chose
--   data	one value for each of blast.columns
CREATE TABLE hall.blast_recipient (
	blast		integer NOT NULL,
	n		integer NOT NULL,
	msisdn		text COLLATE "C" NOT NULL,
	lang		text COLLATE "C",
	data		text[] NOT NULL,
	CONSTRAINT blast_recipient_pkey PRIMARY KEY (blast, n)
);

-- hall.blast_range: recipients first to last, as one smsd handles them.
--   next		the first one that was not handled
--   instance	whose it is until leased_until; then anybody's
--   sent, held, refused, control	how many of those before `next`, as it was then
--   whys	of the refused ones, how many for which reason
CREATE TABLE hall.blast_range (
	blast		integer NOT NULL CONSTRAINT blast_range_blast REFERENCES hall.blast,
	first		integer NOT NULL,
	last		integer NOT NULL,
	next		integer NOT NULL,
	instance	text COLLATE "C",
	leased_until	timestamptz NOT NULL DEFAULT '-infinity',
	sent		integer NOT NULL DEFAULT 0,
	held		integer NOT NULL DEFAULT 0,
	refused		integer NOT NULL DEFAULT 0,
	control		integer NOT NULL DEFAULT 0,
	whys		jsonb NOT NULL DEFAULT '{}',
	CONSTRAINT blast_range_pkey PRIMARY KEY (blast, first),
	CONSTRAINT blast_range_next CHECK (next BETWEEN first AND last + 1)
) WITH (fillfactor = 20);

-- hall.blast_held: those of a blast's messages that its drain left in hall.held.
CREATE TABLE hall.blast_held (
	blast		integer NOT NULL,
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	CONSTRAINT blast_held_pkey PRIMARY KEY (blast, msisdn, at, id)
);

-- hall.blast_pace: the bucket of a blast that has a rate or a spread, which all smsd share.
CREATE TABLE hall.blast_pace (
	blast		integer CONSTRAINT blast_pace_pkey PRIMARY KEY,
	tokens		double precision NOT NULL DEFAULT 0,
	at		timestamptz NOT NULL
) WITH (fillfactor = 20);

-- hall.blast_again: messages that a smsd found committed and perhaps not sent when it began anew, and sent (again).
CREATE TABLE hall.blast_again (
	blast		integer NOT NULL,
	at		timestamptz NOT NULL,
	instance	text COLLATE "C" NOT NULL,
	conn		smallint NOT NULL,
	messages	integer NOT NULL,
	CONSTRAINT blast_again_pkey PRIMARY KEY (blast, at, instance, conn)
);

-- hall.blast_log: what was done with a blast, by whom, when.
CREATE TABLE hall.blast_log (
	blast		integer NOT NULL,
	n		bigint GENERATED ALWAYS AS IDENTITY,
	at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	who		text NOT NULL,
	action		text COLLATE "C" NOT NULL,
	detail		jsonb NOT NULL DEFAULT '{}',
	CONSTRAINT blast_log_pkey PRIMARY KEY (blast, n)
);

-- A blast's messages, for its report.  Neither column ever changes, so updates of a state stay HOT.
CREATE INDEX mt_blast ON hall.mt (cause_id) WHERE cause = 'blast';

-- smsd acts through the functions; a blast is read through them too.
REVOKE ALL ON hall.blast, hall.blast_variant, hall.blast_text, hall.blast_load, hall.blast_recipient, hall.blast_range,
	hall.blast_held, hall.blast_pace, hall.blast_again, hall.blast_log FROM smsd;
GRANT SELECT ON hall.blast TO smsd;
GRANT USAGE ON SCHEMA hall TO hall_campaign;
GRANT INSERT ON hall.blast_load TO smsd, hall_author;
