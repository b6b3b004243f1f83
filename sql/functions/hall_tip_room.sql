-- hall.tip_room(msisdn …, now, lock): who of these may be shown a tip now.
-- Called by smsd for the senders of a batch whose answer may carry one, and by `smsctl try`.
-- Parameters: numbers, each once; now; lock: false for who only wants to know: no locks are taken.
-- Result: those who did not say that they want no recommendations (as hall.consent_of()), and who have not had their share of
-- commercial messages, tips among them, where the cap of that class counts tips (hall.message_class), as hall.door_judge() has it.
-- A customer waits for the answer, so what he was sent is read only where something can have been: for who never agreed to
-- commercial messages, nor said no, where they need that, the times of his tips tell (hall.tip_seen).
-- Tables: hall.message_class, hall.consent, hall.tip_seen, hall.mt.
-- Locks: where there is a cap, a subscriber who may get commercial messages, by the advisory lock of hall.door_judge(), to the
-- end of the transaction: or the door would send the last of his share meanwhile.  Who is locked there gets no tip this time.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.tip_room(p_msisdn text[], p_now timestamptz, p_lock boolean DEFAULT true)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER ROWS 10
SET search_path = hall, pg_temp
SET plan_cache_mode = force_generic_plan	-- planning for all days takes longer than looking
AS $$
DECLARE
	rule hall.message_class;
	since timestamptz;
	told text[];		-- who may have got commercial messages
	untold text[];		-- who never said a word of them: only tips can have reached him
	full_up text[];		-- who had their share
BEGIN
	SELECT c.* INTO rule FROM hall.message_class c WHERE c.class = 'commercial';
	since := p_now - rule.cap_days * interval '1 day';
	SELECT array_agg(t.msisdn) FILTER (WHERE w.said OR NOT rule.needs_consent),
		array_agg(t.msisdn) FILTER (WHERE NOT w.said AND rule.needs_consent)
	INTO told, untold
	FROM unnest(p_msisdn) AS t (msisdn)
	CROSS JOIN LATERAL (
		SELECT (array_agg(c.state ORDER BY c.at DESC, c.state DESC) FILTER (WHERE c.class IN ('recommend', 'all')))[1] AS state,
			coalesce(bool_or(c.class IN ('commercial', 'all')), false) AS said
		FROM hall.consent c
		WHERE c.msisdn = t.msisdn) AS w
	WHERE w.state IS DISTINCT FROM 'out';
	IF rule.cap > 0 AND rule.cap_tips AND told IS NOT NULL THEN
		-- A statement of its own: what is read after it sees what the last one who had the lock has sent.
		IF p_lock THEN
			SELECT array_agg(t.msisdn) INTO told
			FROM unnest(told) AS t (msisdn)
			WHERE pg_try_advisory_xact_lock(hashtextextended(t.msisdn, 7403));
		END IF;
		SELECT array_agg(f.msisdn) INTO full_up
		FROM (SELECT m.msisdn
			FROM hall.mt m
			WHERE m.msisdn = ANY (told) AND m.at > since - rule.valid AND m.at < p_now + interval '1 day'
			  AND (m.class = 'commercial' OR m.tip IS NOT NULL) AND m.state NOT IN ('held', 'refused')
			  AND greatest(m.at, timestamptz 'epoch' + m.batch * interval '1 microsecond') > since
			GROUP BY m.msisdn
			HAVING count(*) >= rule.cap) AS f;
	END IF;
	RETURN QUERY
	SELECT t.msisdn FROM unnest(told) AS t (msisdn) WHERE t.msisdn <> ALL (coalesce(full_up, '{}'))
	UNION ALL
	SELECT t.msisdn
	FROM unnest(untold) AS t (msisdn)
	WHERE rule.cap = 0 OR NOT rule.cap_tips
	   OR (SELECT count(*) FROM hall.tip_seen s, unnest(s.shown_at) AS shown (at)
		WHERE s.msisdn = t.msisdn AND shown.at > since) < rule.cap;
END
$$;

REVOKE ALL ON FUNCTION hall.tip_room(text[], timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.tip_room(text[], timestamptz, boolean) TO smsd, hall_ops;
