-- Steering: who was told of another channel of ours, who was left untold to compare with, and what the other channels
-- report of their use.
SET LOCAL ROLE hall_owner;

-- hall.exposure: a subscriber was told of another channel, or belongs to the control group of those who are not.
--   at, id	of the message that told (hall.mt), or that would have
--   source	tip | reminder | blast
--   name	which one: the tip, table.reminder, the blast
--   version	of the tables that it stood in; 0: it stands in none
--   target	the channel it steers to, as hall.contact.channel calls it
--   control	he was not told: he is what the others are compared with
CREATE TABLE hall.exposure (
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	source		text COLLATE "C" NOT NULL
			CONSTRAINT exposure_source CHECK (source IN ('tip', 'reminder', 'blast')),
	name		text COLLATE "C" NOT NULL CONSTRAINT exposure_name CHECK (name <> ''),
	version		integer NOT NULL,
	target		text COLLATE "C" NOT NULL CONSTRAINT exposure_target CHECK (target ~ '^[a-z][a-z0-9_]{0,31}$'),
	control		boolean NOT NULL,
	CONSTRAINT exposure_pkey PRIMARY KEY (msisdn, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE hall.exposure_default PARTITION OF hall.exposure DEFAULT;

-- What the other channels reported, found by channel; the texts, which are nearly all, are not in it and pay nothing.
CREATE INDEX contact_channel ON hall.contact (channel, msisdn, at) WHERE channel <> 'sms';

-- hall.contact_key: which uses other channels reported, so that none counts twice.
--   key	the channel's own name of the use
--   at		of the use, as hall.contact
CREATE TABLE hall.contact_key (
	channel		text COLLATE "C" NOT NULL,
	key		text COLLATE "C" NOT NULL,
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	CONSTRAINT contact_key_pkey PRIMARY KEY (channel, key)
);

GRANT SELECT, INSERT ON hall.contact, hall.contact_key TO hall_api_owner;
GRANT USAGE ON SCHEMA hall TO hall_campaign;
GRANT SELECT ON hall.exposure TO hall_api_owner;
