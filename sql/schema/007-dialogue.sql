-- Dialogues: questions that wait for a customer's answer, and the evidence of what was asked before a charge.
SET LOCAL ROLE hall_owner;

-- hall.dialogue: an open question.  Any smsd may continue it: the lock on its sender lets one text at a time do so.
-- A row goes when its question is answered or replaced; past `until` it stays for some days, so that a late answer
-- hears that it is late.
--   at, id	key of the text (hall.mo) that led to the question; one text opens one question at most
--   asked_at	the gateway counts seconds only: this tells which question is the newer
--   kind	confirm | menu | step | password | otp | opens | offer | which
--   port	which the question was sent from; an answer to an extended port is tied to it
--   until	the answer must come before
--   command	table.command whose question it is
--   function	what a confirmation will run, whatever version is active then
--   version	of the tables that asked
--   lang	of the question
--   question	as sent
--   state	sealed: arguments, quoted columns, choices
--   tries	answers that were none
CREATE TABLE hall.dialogue (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	asked_at	timestamptz NOT NULL,
	kind		text COLLATE "C" NOT NULL CONSTRAINT dialogue_kind
			CHECK (kind IN ('confirm', 'menu', 'step', 'password', 'otp', 'opens', 'offer', 'which')),
	port		text COLLATE "C" NOT NULL,
	until		timestamptz NOT NULL,
	command		text COLLATE "C" NOT NULL,
	function	text COLLATE "C",
	version		integer NOT NULL,
	question	text NOT NULL,
	state		bytea NOT NULL,
	tries		smallint NOT NULL DEFAULT 0,
	CONSTRAINT dialogue_pkey PRIMARY KEY (msisdn, at, id)
) WITH (fillfactor = 80);
CREATE INDEX dialogue_until ON hall.dialogue (until);

-- hall.evidence: each question before a charge, and what came of it.  Kept as long as the texts themselves.
--   at, id		key of the text (hall.mo) that ordered
--   asked_at	when it was asked, by our clock
--   question_mt	id of the question's row in hall.mt, which has msisdn and at too
--   price_version	as quoted: the column price_version of confirm.sql
--   within_until	the answer had to come before
--   answer, answered_at, answer_id	the answer as typed, its time and its text's id
--   result		accepted | declined | late: answered too late | changed: the price was another by then, asked again |
--			replaced: ordered anew; NULL: no answer yet
--   outcome		what the order's SQL said, where it ran
CREATE TABLE hall.evidence (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	asked_at	timestamptz NOT NULL,
	command		text COLLATE "C" NOT NULL,
	function	text COLLATE "C" NOT NULL,
	version		integer NOT NULL,
	port		text COLLATE "C" NOT NULL,
	link		text COLLATE "C",
	lang		text COLLATE "C" NOT NULL,
	question	text NOT NULL,
	question_mt	uuid NOT NULL,
	price_version	text,
	within_until	timestamptz NOT NULL,
	answer		text,
	answered_at	timestamptz,
	answer_id	uuid,
	result		text COLLATE "C" CONSTRAINT evidence_result
			CHECK (result IN ('accepted', 'declined', 'late', 'changed', 'replaced')),
	outcome		text COLLATE "C",
	CONSTRAINT evidence_pkey PRIMARY KEY (msisdn, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE hall.evidence_default PARTITION OF hall.evidence DEFAULT;

-- hall.wrong_secret: wrong passwords and codes in a row.
--   until	no answer counts before: the pauses grow
CREATE TABLE hall.wrong_secret (
	msisdn		text COLLATE "C" CONSTRAINT wrong_secret_pkey PRIMARY KEY,
	times		smallint NOT NULL,
	until		timestamptz NOT NULL,
	changed_at	timestamptz NOT NULL
) WITH (fillfactor = 85);

-- What a message must hold and nobody may read in the database: a one-time code.  text then shows it as ******, and the
-- whole message is here, sealed with the hall's key, so that it can be sent again.
ALTER TABLE hall.mt ADD COLUMN sealed bytea;

-- hall.number_list: numbers that are treated apart.
--   list	block: never answered; test: no limits; or a name that `who: {list: …}` of a command gives
CREATE TABLE hall.number_list (
	msisdn		text COLLATE "C" NOT NULL,
	list		text COLLATE "C" NOT NULL,
	why		text NOT NULL DEFAULT '',
	added_at	timestamptz NOT NULL DEFAULT now(),
	added_by	text NOT NULL DEFAULT session_user,
	CONSTRAINT number_list_pkey PRIMARY KEY (msisdn, list)
);
