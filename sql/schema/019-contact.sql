-- A text is a contact without a row of its own: hall.mo says all of it.

-- Views that read hall.contact, the operator's own among them, follow the name and not the table.
CREATE TEMP TABLE contact_reader ON COMMIT DROP AS
SELECT DISTINCT c.oid::regclass AS view, c.reloptions, pg_get_viewdef(c.oid) AS query
FROM pg_depend d
JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class c ON c.oid = r.ev_class AND c.relkind = 'v'
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'hall.contact'::regclass;

SET LOCAL ROLE hall_owner;

-- hall.contact_elsewhere: the contacts with other channels (hall_api.contacts()), in daily partitions contact_YYYYMMDD; columns
-- as hall.contact had them.  An older hall's rows of channel sms stay, are not read, and go with their days: to delete them
-- here would hold up every batch for as long as it takes to rewrite months.
ALTER TABLE hall.contact RENAME TO contact_elsewhere;

-- On a new hall: its list follows with the functions.
DO $$
BEGIN
	IF to_regprocedure('hall.engine_outcomes()') IS NULL THEN
		CREATE FUNCTION hall.engine_outcomes() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN '{}'::text[];
	END IF;
END
$$;

-- hall.contact: one contact of a customer with one of our channels, for attribution and shares.  A text is one when a command's
-- SQL answered it.  The condition stands outside: within the branches it would keep the planner from joining them by index.
CREATE VIEW hall.contact (msisdn, at, id, channel, business, outcome) AS
SELECT u.msisdn, u.at, u.id, u.channel, u.business, u.outcome
FROM (SELECT e.msisdn, e.at, e.id, e.channel, e.business, e.outcome, e.channel <> 'sms' AS counts
	FROM hall.contact_elsewhere e
	UNION ALL
	SELECT o.msisdn, o.at, o.id, 'sms'::text COLLATE "C", o.command, o.outcome,
		o.command IS NOT NULL AND o.outcome <> ALL (hall.engine_outcomes())
	FROM hall.mo o) AS u
WHERE u.counts;
GRANT SELECT, INSERT ON hall.contact TO hall_api_owner;

-- A smsd that has not been exchanged yet goes on writing a row a text.
CREATE FUNCTION hall.contact_insert() RETURNS trigger LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
BEGIN
	IF NEW.channel <> 'sms' THEN
		INSERT INTO hall.contact_elsewhere (msisdn, at, id, channel, business, outcome)
		VALUES (NEW.msisdn, NEW.at, NEW.id, NEW.channel, NEW.business, NEW.outcome)
		ON CONFLICT DO NOTHING;
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER contact_insert INSTEAD OF INSERT ON hall.contact FOR EACH ROW EXECUTE FUNCTION hall.contact_insert();

SET LOCAL ROLE NONE;
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM contact_reader LOOP
		EXECUTE format('CREATE OR REPLACE VIEW %s %s AS %s', r.view,
			'WITH (' || array_to_string(r.reloptions, ', ') || ')', r.query);
	END LOOP;
END
$$;
