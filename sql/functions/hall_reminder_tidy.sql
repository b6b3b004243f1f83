-- hall.reminder_tidy(version, reminder …, on …, keep, after, n, now): what reminders leave behind goes, some at a time.
-- Called by smsd now and then, again at once while it finds much.
-- Parameters: version of the tables; all their reminders (table.reminder) and the triggers that they wait for; keep: what is
-- older goes; after: where to go on in hall.reminder_sent, '' from the beginning; n: rows of each kind at most; now.
-- Result: one row.  gone: rows that went or were given up; after: for the next call, '' when it reached the end.  Nothing is
-- done when that version is not the active one.
-- Triggers that no table asks for become `ignored` after a day, and so do runs of reminders that are in no table.
-- When a subscriber last got what (hall.reminder_sent) is kept 1000 days: once_per says no more.
-- Tables: hall.table_version; writes hall.trigger, hall.reminder_run, hall.reminder_row, hall.reminder_sent, hall.opens.
-- Locks: the rows that go; what another one has locked is left for later.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.reminder_tidy(p_version integer, p_reminder text[], p_on text[], p_keep interval, p_after text,
	p_n integer, p_now timestamptz, OUT gone integer, OUT after text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	rows integer;
BEGIN
	gone := 0;
	after := p_after;
	IF NOT EXISTS (SELECT FROM hall.table_version v WHERE v.id = p_version AND v.state = 'active') THEN
		RETURN;
	END IF;
	UPDATE hall.trigger t
	SET state = 'ignored', why = 'no table asked for it within a day'
	WHERE t.id IN (SELECT x.id FROM hall.trigger x
		WHERE x.state = 'new' AND x.at < p_now - interval '1 day' AND x.name <> ALL (p_on)
		ORDER BY x.at LIMIT p_n FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS rows = ROW_COUNT;
	gone := gone + rows;
	UPDATE hall.reminder_run r
	SET state = 'ignored', why = 'no table had it within a day'
	WHERE r.id IN (SELECT x.id FROM hall.reminder_run x
		WHERE x.state = 'new' AND x.due < p_now - interval '1 day' AND x.reminder <> ALL (p_reminder)
		ORDER BY x.due LIMIT p_n FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS rows = ROW_COUNT;
	gone := gone + rows;
	DELETE FROM hall.trigger t
	WHERE t.id IN (SELECT x.id FROM hall.trigger x
		WHERE x.at < p_now - p_keep AND x.state <> 'new'
		  AND NOT EXISTS (SELECT FROM hall.reminder_run r WHERE r.trigger = x.id AND r.state = 'new')
		ORDER BY x.at LIMIT p_n FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS rows = ROW_COUNT;
	gone := gone + rows;
	DELETE FROM hall.reminder_run r
	WHERE r.id IN (SELECT x.id FROM hall.reminder_run x
		WHERE x.due < p_now - p_keep AND x.state <> 'new'
		  AND NOT EXISTS (SELECT FROM hall.reminder_row w WHERE w.run = x.id)
		ORDER BY x.due LIMIT p_n FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS rows = ROW_COUNT;
	gone := gone + rows;
	-- A message waits a month at most, an answer another one.
	DELETE FROM hall.opens o
	WHERE (o.msisdn, o.at, o.id) IN (SELECT x.msisdn, x.at, x.id FROM hall.opens x
		WHERE x.at < p_now - interval '64 days'
		ORDER BY x.at LIMIT p_n FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS rows = ROW_COUNT;
	gone := gone + rows;
	WITH walked AS (
		SELECT x.ctid AS place, x.msisdn, x.at FROM hall.reminder_sent x WHERE x.msisdn > p_after ORDER BY x.msisdn LIMIT p_n
	), old AS (
		DELETE FROM hall.reminder_sent s
		USING walked w
		WHERE s.ctid = w.place AND s.msisdn = w.msisdn AND w.at < p_now - interval '1000 days'
	)
	SELECT coalesce(CASE WHEN count(*) = p_n THEN max(s.msisdn) END, '') INTO after FROM walked s;
END
$$;

REVOKE ALL ON FUNCTION hall.reminder_tidy(integer, text[], text[], interval, text, integer, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.reminder_tidy(integer, text[], text[], interval, text, integer, timestamptz) TO smsd;
