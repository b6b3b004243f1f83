-- hall.tip_room(msisdn …, now, lock): who of these may be shown a tip now.
-- Called by smsd for the senders of a batch whose answer may carry one, and by `smsctl try`.
-- Parameters: numbers, each once; now; lock: false for who only wants to know: no locks are taken.
-- Result: those who did not say that they want no recommendations (as hall.consent_of()), and who have not had their share of
-- commercial messages, tips among them, where the cap of that class counts tips (hall.message_class), as hall.door_judge() has it.
-- Tables: hall.message_class, hall.consent, hall.mt.
-- Locks: where there is a cap, the subscriber, by the advisory lock of hall.door_judge(), to the end of the transaction: or the
-- door would send the last of his share meanwhile.  Who is locked there gets no tip this time.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.tip_room(p_msisdn text[], p_now timestamptz, p_lock boolean DEFAULT true)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER ROWS 10
SET search_path = hall, pg_temp
SET plan_cache_mode = force_generic_plan	-- planning for all days takes longer than looking
AS $$
DECLARE
	most integer;		-- 0: any number
	since timestamptz;
	oldest timestamptz;	-- of a message that may have been sent since then
	full_up text[];		-- who had their share
BEGIN
	SELECT CASE WHEN c.cap_tips THEN c.cap ELSE 0 END, p_now - c.cap_days * interval '1 day',
		p_now - c.cap_days * interval '1 day' - c.valid
	INTO most, since, oldest
	FROM hall.message_class c WHERE c.class = 'commercial';
	-- A statement of its own: what is read after it sees what the last one who had the lock has sent.
	IF p_lock AND most > 0 THEN
		SELECT array_agg(t.msisdn) INTO p_msisdn
		FROM unnest(p_msisdn) AS t (msisdn)
		WHERE pg_try_advisory_xact_lock(hashtextextended(t.msisdn, 7403));
	END IF;
	IF most > 0 THEN
		SELECT array_agg(f.msisdn) INTO full_up
		FROM (SELECT m.msisdn
			FROM hall.mt m
			WHERE m.msisdn = ANY (p_msisdn) AND m.at > oldest AND m.at < p_now + interval '1 day'
			  AND (m.class = 'commercial' OR m.tip IS NOT NULL) AND m.state NOT IN ('held', 'refused')
			  AND greatest(m.at, timestamptz 'epoch' + m.batch * interval '1 microsecond') > since
			GROUP BY m.msisdn
			HAVING count(*) >= most) AS f;
	END IF;
	RETURN QUERY
	SELECT t.msisdn
	FROM unnest(p_msisdn) AS t (msisdn)
	WHERE t.msisdn <> ALL (coalesce(full_up, '{}'))
	  AND coalesce((SELECT c.state
			FROM hall.consent c
			WHERE c.msisdn = t.msisdn AND c.class IN ('recommend', 'all')
			ORDER BY c.at DESC, c.state DESC
			LIMIT 1), 'in') <> 'out';
END
$$;

REVOKE ALL ON FUNCTION hall.tip_room(text[], timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.tip_room(text[], timestamptz, boolean) TO smsd, hall_ops;
