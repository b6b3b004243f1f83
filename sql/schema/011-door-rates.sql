-- The door out, continued: numbers that nothing reaches.
SET LOCAL ROLE hall_owner;

-- hall.message_class: also
--   heeds_suppressed	not sent to numbers that nothing reaches (hall.suppressed)
ALTER TABLE hall.message_class ADD COLUMN heeds_suppressed boolean NOT NULL DEFAULT true;
UPDATE hall.message_class SET heeds_suppressed = class <> 'otp';

-- hall.suppressed: numbers to which messages failed for good, several times in a row.  A message delivered since then, or
-- a text from the number, lifts it: hall.door_judge() looks.
--   since	when the last of them failed
--   failures	how many in a row
--   why	what the last report said
--   until	then it is tried again
CREATE TABLE hall.suppressed (
	msisdn		text COLLATE "C" CONSTRAINT suppressed_pkey PRIMARY KEY,
	since		timestamptz NOT NULL,
	failures	smallint NOT NULL,
	why		text NOT NULL,
	until		timestamptz NOT NULL
);
GRANT INSERT, UPDATE, DELETE ON hall.suppressed TO hall_ops;
