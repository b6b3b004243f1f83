-- hall.request_recipients(who, blast, load, bad, shown, list): puts what was loaded on a blast's list, or in place of it.
-- Called by the HTTP API and by hall.request_segment().
-- Parameters: who: an author; blast; load: which rows of hall.blast_load; bad, shown: as in hall.blast_recipients_add(); list: add, or
-- replace: what is on it goes, if the new one is taken.
-- Result: as hall.blast_recipients_add(); removed: how many stood on the list that went.
-- Outcomes: as hall.blast_recipients_add(); but for ok, the list is as it was.
-- Tables: those of hall.blast_recipients_add() and hall.blast_recipients_clear().
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_recipients(p_who text, p_blast text, p_load uuid, p_bad text, p_shown integer, p_list text,
	OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	cleared record;
BEGIN
	IF p_list = 'add' THEN
		SELECT a.outcome, a.detail INTO outcome, detail FROM hall.blast_recipients_add(p_who, p_blast, p_load, p_bad, p_shown) a;
		RETURN;
	END IF;
	BEGIN
		SELECT c.outcome, c.detail INTO cleared FROM hall.blast_recipients_clear(p_who, p_blast) c;
		outcome := cleared.outcome;
		detail := cleared.detail;
		IF outcome = 'ok' THEN
			SELECT a.outcome, a.detail INTO outcome, detail FROM hall.blast_recipients_add(p_who, p_blast, p_load, p_bad, p_shown) a;
		END IF;
		IF outcome <> 'ok' THEN
			RAISE EXCEPTION USING ERRCODE = 'HB001', MESSAGE = 'the old list stays';
		END IF;
		detail := detail || jsonb_build_object('removed', cleared.detail -> 'removed', 'approval_lost', cleared.detail -> 'approval_lost');
	EXCEPTION WHEN SQLSTATE 'HB001' THEN
		DELETE FROM hall.blast_load l WHERE l.load = p_load;
	END;
END
$$;

REVOKE ALL ON FUNCTION hall.request_recipients(text, text, uuid, text, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_recipients(text, text, uuid, text, integer, text) TO smsd;
