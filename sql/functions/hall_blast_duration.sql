-- hall.blast_duration(blast, rule, at, rate, messages): how long a blast would take.
-- Called by hall.blast_preview().
-- Parameters: the blast; the rules of its class; when it begins; messages a second that the door gives, NULL: any number; how
-- many messages there are to send.
-- Result: rate, seconds, ends, ends_at, late, not_in_time, opens, closes, as hall.blast_preview() has them.
-- Tables: none.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_duration(p_blast hall.blast, p_rule hall.message_class, p_at timestamptz, p_rate integer,
	p_messages double precision)
RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
AS $$
DECLARE
	rate double precision := least(p_blast.rate, p_rate);
	spread double precision := hall.hours_open(p_rule.opens, p_rule.closes, p_at, p_at + p_blast.spread);
	seconds double precision;
	ends timestamptz;
	lost double precision := 0;
BEGIN
	IF spread > 0 THEN
		rate := least(rate, greatest(p_messages, 1) / spread);
	END IF;
	seconds := p_messages / rate;
	ends := hall.hours_end(p_rule.opens, p_rule.closes, p_at, seconds);
	IF ends > p_blast.ends_at THEN
		lost := greatest(p_messages - rate * hall.hours_open(p_rule.opens, p_rule.closes, p_at, p_blast.ends_at), 0);
	END IF;
	RETURN jsonb_build_object('rate', rate, 'seconds', seconds, 'ends', ends, 'ends_at', p_blast.ends_at,
		'late', coalesce(ends > p_blast.ends_at, false), 'not_in_time', ceil(lost), 'opens', p_rule.opens, 'closes', p_rule.closes);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_duration(hall.blast, hall.message_class, timestamptz, integer, double precision) FROM PUBLIC;
