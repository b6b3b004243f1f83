-- hall.repeat: what a subscriber's text did, so that the same text within its window is not done twice.  SMSCs that
-- miss an acknowledgement send a text again under a new id.
--   key	keyed hash of the folded text: what was typed cannot be read from it
--   at		the gateway's time of the text
--   until	end of the window
--   answer	what was answered, secrets never being in answers
SET LOCAL ROLE hall_owner;

CREATE TABLE hall.repeat (
	msisdn		text COLLATE "C" NOT NULL,
	port		text COLLATE "C" NOT NULL,
	key		bytea NOT NULL,
	command		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	until		timestamptz NOT NULL,
	answer		text NOT NULL,
	CONSTRAINT repeat_pkey PRIMARY KEY (msisdn, port, key)
) WITH (fillfactor = 85);
