-- hall.blast_list(who, state): all blasts, the newest first.
-- Called by smsctl and the HTTP API.
-- Parameters: who: a viewer; state: only those; NULL: all.
-- Result: outcome; detail.blasts: an array of id, name, class, state, author, approver, made_at, starts_at, ends_at, finished_at,
-- recipients, done (how many of them were handled).
-- Outcomes: ok, forbidden, bad_value.
-- Tables: hall.blast, hall.blast_range.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_list(p_who text, p_state text DEFAULT NULL, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
BEGIN
	IF hall.blast_actor(p_who, VARIADIC hall.blast_viewers()) IS NULL THEN
		outcome := 'forbidden';
		detail := jsonb_build_object('why', 'this needs a role that may look at blasts, in one''s own name');
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM unnest(enum_range(NULL::hall.blast_state)) AS s (state) WHERE s.state::text = coalesce(p_state, 'draft')) THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'state', 'why', 'states are '
			|| array_to_string(enum_range(NULL::hall.blast_state), ', '));
		RETURN;
	END IF;
	outcome := 'ok';
	SELECT jsonb_build_object('blasts', coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'name', b.name, 'class', b.class,
		'state', b.state, 'scheduled', b.scheduled, 'author', b.author, 'approver', b.approver, 'made_at', b.made_at,
		'starts_at', b.starts_at, 'started_at', b.started_at, 'ends_at', b.ends_at, 'finished_at', b.finished_at,
		'recipients', b.recipients, 'done', coalesce(d.done, 0)) ORDER BY b.id DESC), '[]'))
	INTO detail
	FROM hall.blast b
	LEFT JOIN LATERAL (SELECT sum(r.next - r.first) AS done FROM hall.blast_range r WHERE r.blast = b.id) AS d ON true
	WHERE p_state IS NULL OR b.state::text = p_state;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_list(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_list(text, text) TO smsd, hall_campaign, hall_viewer, hall_ops;
