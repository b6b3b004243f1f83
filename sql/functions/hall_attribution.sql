-- hall.attribution(source, name, from, until): whether those who were told of a channel came to use it, more than those of the
-- control group did.
-- Called by `smsctl steer report` and the HTTP API.
-- Parameters: source: tip | reminder | blast, NULL: all; name: which one, NULL: all; from, until: of those who were told for the
-- first time then (until itself not), NULL: of all times that are kept.
-- A subscriber counts once for each (source, name, target), from the first time that he was told, or would have been; to the version
-- of that time.  Left out are who had used the channel by then (hall.contact, as far back as it is kept) and who was in both
-- groups, the share having been changed.  A use counts when it is his first, later than that moment, and no more than 7 or 30
-- times 24 hours later.  Whose days are not yet over is waited for, in both groups.
-- Result: a row for each source, name, target, version (NULL: all of them together) and days (7 | 30).
--   told, told_used, control, control_used	subscribers
--   told_share, control_share			who of them came, in percent
--   lift, low, high				hall.two_shares(): percentage points, and the interval of 95 %
--   p						likewise
--   verdict	more | fewer | same: the interval begins above, ends below, or holds 0; too_few: hall.two_shares() says of how
--		many it needs; no_control: nobody to compare with
--   waiting, already, mixed			subscribers whose days are not over; who had used it; who was in both groups
-- Tables: hall.exposure, hall.contact, hall.contact_elsewhere.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.attribution(p_source text, p_name text, p_from timestamptz, p_until timestamptz)
RETURNS TABLE (source text, name text, target text, version integer, days integer, told bigint, told_used bigint, control bigint,
	control_used bigint, told_share double precision, control_share double precision, lift double precision,
	low double precision, high double precision, p double precision, verdict text, waiting bigint, already bigint, mixed bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
SET work_mem = '128MB'
SET jit = off
-- How many there will be is guessed far too low, and a loop over a million of them never ends.
SET enable_nestloop = off
SET enable_mergejoin = off
SET enable_sort = off
AS $$
	WITH first AS MATERIALIZED (
		-- The version rides beside the time, to be that of the first.
		SELECT e.source, e.name, e.target, e.msisdn, min(e.at) AS at,
			(min(ARRAY[(extract(epoch FROM e.at) * 1000000)::bigint, e.version]))[2]::integer AS version,
			bool_or(e.control) AS control, bool_or(e.control) <> bool_and(e.control) AS mixed
		FROM hall.exposure e
		WHERE (p_source IS NULL OR e.source = p_source) AND (p_name IS NULL OR e.name = p_name)
		  AND e.at < coalesce(p_until, 'infinity') + interval '720 hours'
		GROUP BY e.source, e.name, e.target, e.msisdn
		HAVING min(e.at) >= coalesce(p_from, '-infinity') AND min(e.at) < coalesce(p_until, 'infinity')
	), use AS (
		SELECT c.channel, c.msisdn, min(c.at) AS at
		FROM hall.contact_elsewhere c
		WHERE c.channel <> 'sms' AND c.channel = ANY ((SELECT array_agg(d.target) FROM (SELECT f.target FROM first f GROUP BY f.target) AS d)::text[])
		  AND EXISTS (SELECT FROM first f WHERE f.target = c.channel AND f.msisdn = c.msisdn)
		GROUP BY c.channel, c.msisdn
		UNION ALL
		SELECT c.channel, c.msisdn, min(c.at)
		FROM hall.contact c
		WHERE (SELECT count(*) > 0 FROM first f WHERE f.target = 'sms') AND c.channel = 'sms'
		  AND EXISTS (SELECT FROM first f WHERE f.target = 'sms' AND f.msisdn = c.msisdn)
		GROUP BY c.channel, c.msisdn
	), each AS (
		SELECT f.source, f.name, f.target, f.version, f.control, f.mixed, coalesce(u.at <= f.at, false) AS already,
			now() >= f.at + interval '168 hours' AS over7, now() >= f.at + interval '720 hours' AS over30,
			coalesce(u.at <= f.at + interval '168 hours', false) AS used7,
			coalesce(u.at <= f.at + interval '720 hours', false) AS used30
		FROM first f
		LEFT JOIN use u ON u.channel = f.target AND u.msisdn = f.msisdn
	), counted AS (
		SELECT e.source, e.name, e.target, e.version, e.control, e.already, e.mixed, e.over7, e.over30, e.used7, e.used30,
			count(*) AS n
		FROM each e
		GROUP BY e.source, e.name, e.target, e.version, e.control, e.already, e.mixed, e.over7, e.over30, e.used7, e.used30
	), summed AS (
		SELECT c.source, c.name, c.target, c.version, w.days,
			coalesce(sum(c.n) FILTER (WHERE w.counts AND NOT c.control), 0)::bigint AS told,
			coalesce(sum(c.n) FILTER (WHERE w.counts AND NOT c.control AND w.used), 0)::bigint AS told_used,
			coalesce(sum(c.n) FILTER (WHERE w.counts AND c.control), 0)::bigint AS control,
			coalesce(sum(c.n) FILTER (WHERE w.counts AND c.control AND w.used), 0)::bigint AS control_used,
			coalesce(sum(c.n) FILTER (WHERE NOT w.over AND NOT c.already AND NOT c.mixed), 0)::bigint AS waiting,
			coalesce(sum(c.n) FILTER (WHERE c.already AND NOT c.mixed), 0)::bigint AS already,
			coalesce(sum(c.n) FILTER (WHERE c.mixed), 0)::bigint AS mixed
		FROM counted c,
		LATERAL (SELECT v.days, v.over, v.used, v.over AND NOT c.already AND NOT c.mixed AS counts
			FROM (VALUES (7, c.over7, c.used7), (30, c.over30, c.used30)) AS v (days, over, used)) AS w
		GROUP BY GROUPING SETS ((c.source, c.name, c.target, w.days, c.version), (c.source, c.name, c.target, w.days))
	)
	SELECT s.source, s.name, s.target, s.version, s.days, s.told, s.told_used, s.control, s.control_used, t.share1, t.share0,
		t.lift, t.low, t.high, t.p,
		CASE WHEN s.control = 0 THEN 'no_control' WHEN NOT t.enough THEN 'too_few' WHEN t.low > 0 THEN 'more'
			WHEN t.high < 0 THEN 'fewer' ELSE 'same' END,
		s.waiting, s.already, s.mixed
	FROM summed s, LATERAL hall.two_shares(s.told, s.told_used, s.control, s.control_used) AS t
	ORDER BY s.source, s.name, s.target, s.version NULLS FIRST, s.days
$$;

REVOKE ALL ON FUNCTION hall.attribution(text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.attribution(text, text, timestamptz, timestamptz) TO hall_ops, hall_campaign, hall_viewer, smsd;
