-- Whether a tip may ride is asked while a customer waits: his commercial messages and tips, found without all his other
-- answers.  Those are nearly all there are, and pay nothing.
SET LOCAL ROLE hall_owner;
CREATE INDEX mt_commercial ON hall.mt (msisdn, at) WHERE class = 'commercial' OR tip IS NOT NULL;
