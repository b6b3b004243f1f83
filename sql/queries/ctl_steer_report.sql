-- $1 source, $2 name, $3 from, $4 until: what steering brought, and how to say it.  The last columns are for sums.
SELECT a.source, a.name, a.target, coalesce(a.version::text, 'all'), a.version, a.days, a.told,
       a.told_used || coalesce(to_char(a.told_share, ' (FM990.0%)'), ''), a.told_used, a.told_share, a.control,
       a.control_used || coalesce(to_char(a.control_share, ' (FM990.0%)'), ''), a.control_used, a.control_share,
       CASE a.verdict
       WHEN 'more' THEN 'brings them: ' || s.words
       WHEN 'fewer' THEN 'keeps them away: ' || s.words
       WHEN 'same' THEN 'no difference to be seen: ' || s.words
       WHEN 'no_control' THEN
		CASE WHEN a.told + a.control = 0 AND a.waiting > 0 THEN 'too early to tell'
		ELSE 'nobody to compare with: no control group' END
       ELSE 'too few to tell' END,
       a.verdict, a.lift, a.low, a.high, a.p, a.waiting, a.already, a.mixed
FROM hall.attribution($1::text, $2::text, $3::timestamptz, $4::timestamptz) AS a,
LATERAL (SELECT to_char(a.lift, 'SFM990.0') || ' points (' || to_char(a.low, 'SFM990.0') || ' to ' || to_char(a.high, 'SFM990.0') || ')')
	AS s (words)
