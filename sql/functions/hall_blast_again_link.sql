-- hall.blast_again_link(instance, conn, msisdn …, at …, id …, now): counts the messages of blasts that a gateway had not
-- acknowledged when its link was lost, before they are sent again: so many recipients at most may get theirs twice.
-- Called by smsd in a transaction of its own; those messages go after its commit.
-- Parameters: instance and connection that count; arrays of the same length, a message's key an element, of whatever cause; now.
-- Result: how many of them are of blasts.
-- Tables: writes hall.blast_again; reads hall.mt, hall.blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_again_link(p_instance text, p_conn smallint, p_msisdn text[], p_at timestamptz[], p_id uuid[],
	p_now timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
	first timestamptz;
	last timestamptz;
	counted integer;
BEGIN
	SELECT min(t.at), max(t.at) INTO first, last FROM unnest(p_at) AS t (at);
	WITH again AS MATERIALIZED (
		SELECT b.id, count(*) AS messages
		FROM unnest(p_msisdn, p_at, p_id) AS t (msisdn, at, id)
		JOIN hall.mt m ON m.msisdn = t.msisdn AND m.at = t.at AND m.id = t.id
		JOIN hall.blast b ON b.uuid = m.cause_id
		WHERE m.at BETWEEN first AND last AND m.cause = 'blast'
		GROUP BY b.id
	), put AS (
		INSERT INTO hall.blast_again AS x (blast, at, instance, conn, why, messages)
		SELECT a.id, p_now, p_instance, p_conn, 'link', a.messages FROM again a
		ON CONFLICT ON CONSTRAINT blast_again_pkey DO UPDATE SET messages = x.messages + excluded.messages
	)
	SELECT coalesce(sum(a.messages), 0) INTO counted FROM again a;
	RETURN counted;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_again_link(text, smallint, text[], timestamptz[], uuid[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_again_link(text, smallint, text[], timestamptz[], uuid[], timestamptz) TO smsd;
