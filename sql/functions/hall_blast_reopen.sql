-- hall.blast_reopen(blast): it is a draft again, and nothing that was said of it counts.
-- Called by whatever changes a blast.
-- Parameters: the blast's number.
-- Result: none.
-- Tables: writes hall.blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_reopen(p_blast integer)
RETURNS void LANGUAGE sql
SET search_path = hall, pg_temp
AS $$
	UPDATE hall.blast
	SET state = 'draft', content_hash = NULL, approved_hash = NULL, submitter = NULL, submitted_at = NULL, approver = NULL,
		approved_at = NULL, scheduled = false
	WHERE id = p_blast
$$;

REVOKE ALL ON FUNCTION hall.blast_reopen(integer) FROM PUBLIC;
