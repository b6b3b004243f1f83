-- What smsctl audit needs to prove the sample billing's books: an opening balance, the registrations that were
-- changed, which text caused what.  hall_api.audit() reads it.

SET LOCAL ROLE hall_owner;

-- bss.account.opening: what the account began with; since then balance = opening + sum of bss.payment.amount.
ALTER TABLE bss.account ADD COLUMN opening bigint;
UPDATE bss.account a
SET opening = a.balance - coalesce((SELECT sum(p.amount) FROM bss.payment p WHERE p.msisdn = a.msisdn), 0);
ALTER TABLE bss.account ALTER COLUMN opening SET NOT NULL;

CREATE FUNCTION bss.account_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.opening := NEW.balance;
	RETURN NEW;
END
$$;
CREATE TRIGGER account_open BEFORE INSERT ON bss.account
	FOR EACH ROW WHEN (NEW.opening IS NULL) EXECUTE FUNCTION bss.account_open();

-- mo_id is NULL where no text asked for it: what was there before the hall.
ALTER TABLE bss.subscription ALTER COLUMN mo_id DROP NOT NULL;
ALTER TABLE bss.subscription_past ALTER COLUMN mo_id DROP NOT NULL;
ALTER TABLE bss.registration ALTER COLUMN mo_id DROP NOT NULL;
UPDATE bss.subscription SET mo_id = NULL WHERE mo_id = md5(msisdn || service)::uuid;
UPDATE bss.subscription_past SET mo_id = NULL WHERE mo_id = md5(msisdn || service)::uuid;
UPDATE bss.registration SET mo_id = NULL WHERE mo_id = md5(msisdn || event)::uuid;
UPDATE bss.voucher SET mo_id = NULL WHERE mo_id = md5('1234567890129001')::uuid;

-- bss.registration_past: a registration as it was before another text changed it.  Columns as there.
CREATE TABLE bss.registration_past (
	msisdn		text COLLATE "C" NOT NULL,
	event		text COLLATE "C" NOT NULL,
	no		integer NOT NULL,
	state		bss.registration_state NOT NULL,
	mo_id		uuid,
	signed_at	timestamptz NOT NULL,
	changed_at	timestamptz NOT NULL,
	promoted_at	timestamptz,
	CONSTRAINT registration_past_pkey PRIMARY KEY (msisdn, event, no, state)
);

CREATE FUNCTION bss.registration_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO bss.registration_past (msisdn, event, no, state, mo_id, signed_at, changed_at, promoted_at)
	VALUES (OLD.msisdn, OLD.event, OLD.no, OLD.state, OLD.mo_id, OLD.signed_at, OLD.changed_at, OLD.promoted_at);
	RETURN NULL;
END
$$;
CREATE TRIGGER registration_keep AFTER UPDATE ON bss.registration
	FOR EACH ROW WHEN (OLD.mo_id IS DISTINCT FROM NEW.mo_id) EXECUTE FUNCTION bss.registration_keep();

-- bss.effect: what was done, and the text that asked for it; a row a text and kind.
--   msisdn	who sent the text
--   mo_id	the text; NULL: none
--   kind	the function of hall_api that did it
CREATE VIEW bss.effect (msisdn, mo_id, kind, at) AS
SELECT used_by, mo_id, 'recharge', used_at FROM bss.voucher WHERE used_at IS NOT NULL
UNION ALL
SELECT msisdn, id, 'service_on', at FROM bss.payment WHERE kind = 'service'
UNION ALL
SELECT msisdn, off_id, 'service_off', until FROM bss.subscription_past
UNION ALL
SELECT msisdn, mo_id, CASE state WHEN 'cancelled' THEN 'event_cancel' ELSE 'event_signup' END,
	CASE state WHEN 'cancelled' THEN changed_at ELSE signed_at END
FROM bss.registration
UNION ALL
SELECT msisdn, mo_id, CASE state WHEN 'cancelled' THEN 'event_cancel' ELSE 'event_signup' END,
	CASE state WHEN 'cancelled' THEN changed_at ELSE signed_at END
FROM bss.registration_past;

-- Rows come in order of time, so these cost nothing on insert and find a day in years.
CREATE INDEX payment_at ON bss.payment USING brin (at) WITH (autosummarize = on);
CREATE INDEX subscription_past_until ON bss.subscription_past USING brin (until) WITH (autosummarize = on);

GRANT SELECT ON bss.registration_past, bss.effect TO hall_api_owner;
GRANT INSERT ON bss.registration_past TO hall_api_owner;
-- The texts that the effects are compared with: what they were understood as, not what they say.
GRANT SELECT (msisdn, at, id, command, outcome, version) ON hall.mo TO hall_api_owner;
GRANT SELECT (version, command, function) ON hall.table_function TO hall_api_owner;
