-- hall.blast_status(who, blast): how far a blast has come, at this moment.
-- Called by smsctl (watch) and the HTTP API, again and again while it runs.
-- Parameters: who: a viewer; blast.
-- Result: outcome; detail:
--   id name class state scheduled recipients starts_at started_at ends_at finished_at
--   done, left		recipients that were handled, and the rest
--   sent, held, refused, control	done, by what became of them; they add up to done.  held: now behind the door
--   held_whys, refused_whys	how many by reason, as far as known: held ones that were sent or refused later are among those
--   again		messages that were perhaps sent twice: so many at most
--   again_whys		how many of them by reason, as hall.blast_repeats() says
--   rate_now		messages a second, of the last ten seconds
--   rate		messages a second at most by its own rate and spread; null: no limit of its own
--   open, opens_at	whether its class may be sent now, and when next
--   seconds_left, ends	of sending at rate_now, and when that will be over, quiet hours counted; null: unknown
--   late		it will not be done by ends_at
--   instances		who drains it
-- Outcomes: ok, forbidden, no_such_blast.
-- Tables: hall.blast, hall.blast_range, hall.blast_held, hall.held, hall.mt, hall.blast_again, hall.message_class.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_status(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
	e record;
	b hall.blast;
	rule hall.message_class;
	step record;		-- as the drain left them
	later record;		-- what became of the held ones since
	rate_now double precision;
	seconds double precision;
	ends timestamptz;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	SELECT c.* INTO rule FROM hall.message_class c WHERE c.class = b.class;
	SELECT coalesce(sum(r.next - r.first), 0) AS done, coalesce(sum(r.sent), 0) AS sent, coalesce(sum(r.held), 0) AS held,
		coalesce(sum(r.refused), 0) AS refused, coalesce(sum(r.control), 0) AS control,
		array_agg(DISTINCT r.instance) FILTER (WHERE r.leased_until > now() AND r.next <= r.last) AS instances
	INTO step FROM hall.blast_range r WHERE r.blast = b.id;
	SELECT x.* INTO later FROM hall.blast_later(b.id) x;
	SELECT count(*) / 10.0 INTO rate_now
	FROM hall.mt m
	WHERE b.state = 'running' AND m.batch > extract(epoch FROM now() - interval '10 seconds') * 1000000 AND m.cause_id = b.uuid
	  AND m.cause = 'blast' AND m.at > now() - interval '2 days' AND m.state NOT IN ('held', 'refused');
	seconds := (b.recipients - step.done) / nullif(rate_now, 0);
	IF b.state = 'running' AND seconds IS NOT NULL THEN
		ends := hall.hours_end(rule.opens, rule.closes, now(), seconds);
	END IF;
	detail := jsonb_build_object('id', b.id, 'name', b.name, 'class', b.class, 'state', b.state, 'scheduled', b.scheduled,
		'recipients', b.recipients, 'starts_at', b.starts_at, 'started_at', b.started_at, 'ends_at', b.ends_at,
		'finished_at', b.finished_at, 'done', step.done, 'left', b.recipients - step.done,
		'sent', step.sent + later.sent, 'held', later.held, 'refused', step.refused + later.refused, 'control', step.control,
		'held_whys', later.held_whys, 'refused_whys', hall.blast_whys(b.id, later.refused_whys),
		'rate_now', rate_now, 'rate', CASE WHEN b.state = 'running' THEN hall.blast_pace_of(b, rule, now()) ELSE b.rate END,
		'open', hall.hours_next(rule.opens, rule.closes, now()) = now(),
		'opens_at', hall.hours_next(rule.opens, rule.closes, now()),
		'seconds_left', seconds, 'ends', ends, 'late', coalesce(ends > b.ends_at, false),
		'instances', to_jsonb(coalesce(step.instances, '{}'))) || hall.blast_repeats(b.id);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_status(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_status(text, text) TO smsd, hall_campaign, hall_viewer, hall_ops;
