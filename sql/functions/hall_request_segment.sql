-- hall.request_segment(who, blast, load, sql, bad, shown, list): puts whom a query chooses on a blast's list.
-- Called by the HTTP API; smsctl runs such queries itself, in the name of who asks.
-- Parameters: who: an author; blast; load: which list: the request's id; sql: one SELECT over the views of the schema segment, with
-- msisdn, perhaps lang, and each column of the blast; bad, shown, list: as in hall.request_recipients(), where lines are rows.
-- Result: as hall.request_recipients().
-- Outcomes: those of hall.request_recipients(), which takes all or nothing; bad_value: what is wrong with the query.
-- Tables: hall.blast, those of hall.segment_rows() and hall.request_recipients(); writes hall.blast_log.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_segment(p_who text, p_blast text, p_load uuid, p_sql text, p_bad text DEFAULT 'refuse',
	p_shown integer DEFAULT 20, p_list text DEFAULT 'add', OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	most CONSTANT integer := 500000;
	e record;
	loaded integer;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author}', p_blast, '{draft,submitted,approved}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	BEGIN
		INSERT INTO hall.blast_load (load, line, msisdn, lang, data)
		SELECT p_load, row_number() OVER (), s.msisdn, s.lang, s.data
		FROM hall.segment_rows(p_sql, (e.blast).columns, most + 1) s;
		GET DIAGNOSTICS loaded = ROW_COUNT;
	EXCEPTION WHEN OTHERS THEN	-- not a timeout, which is no fault of the query's alone
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'sql', 'sqlstate', SQLSTATE, 'why', SQLERRM || CASE
			WHEN SQLSTATE IN ('42501', '42P01', '3F000') THEN ' (a segment reads the views of the schema segment: subscriber, '
				'bill, usage, service, event, contact, message, list)'
			WHEN SQLSTATE = '42601' THEN ' (write one SELECT)'
			WHEN SQLSTATE IN ('25006', '0A000') THEN ' (a segment only reads)'
			ELSE '' END);
		RETURN;
	END;
	IF loaded = 0 OR loaded > most THEN
		DELETE FROM hall.blast_load l WHERE l.load = p_load;
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'sql', 'why', CASE loaded WHEN 0 THEN 'it gives nobody'
			ELSE format('it gives more than %s people: smsctl blast takes larger segments', most) END);
		RETURN;
	END IF;
	SELECT a.outcome, a.detail INTO outcome, detail
	FROM hall.request_recipients(p_who, p_blast, p_load, p_bad, p_shown, p_list) a;
	IF outcome = 'ok' THEN
		PERFORM hall.blast_note((e.blast).id, e.who, 'segment', jsonb_build_object('sql', p_sql, 'rows', loaded));
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.request_segment(text, text, uuid, text, text, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_segment(text, text, uuid, text, text, integer, text) TO smsd;
