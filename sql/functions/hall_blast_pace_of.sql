-- hall.blast_pace_of(blast, rule, now): how many messages a second a blast may send now by its own rate and spread.
-- Called by hall.blast_take() and for its status.
-- Parameters: the blast; the rules of its class; now.
-- Result: messages a second; NULL: any number.
-- Tables: hall.blast_range.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_pace_of(p_blast hall.blast, p_rule hall.message_class, p_now timestamptz)
RETURNS double precision LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
AS $$
DECLARE
	remaining double precision;
	seconds double precision;
BEGIN
	IF p_blast.spread IS NULL THEN
		RETURN p_blast.rate;
	END IF;
	SELECT p_blast.recipients - coalesce(sum(r.next - r.first), 0) INTO remaining
	FROM hall.blast_range r WHERE r.blast = p_blast.id;
	seconds := hall.hours_open(p_rule.opens, p_rule.closes, p_now, least(p_blast.started_at + p_blast.spread, p_blast.ends_at));
	RETURN least(p_blast.rate, remaining / nullif(seconds, 0));
END
$$;

REVOKE ALL ON FUNCTION hall.blast_pace_of(hall.blast, hall.message_class, timestamptz) FROM PUBLIC;
