-- $1 subscriber, $2 how far back: all that happened with him, in order of time.  Columns as in smsd/ctl/trace.c.
SELECT to_char(t.at, 'YYYY-MM-DD HH24:MI:SSOF'), to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       t.what, t.id, t.port, t.link, t.about, t.result,
       concat_ws(', ', 'v' || t.version, CASE t.segments WHEN 1 THEN '1 segment' ELSE t.segments || ' segments' END,
                 'tip ' || t.tip, 'reported ' || to_char(t.reported_at, 'HH24:MI:SS'), t.why),
       t.version, t.segments, t.tip, t.why,
       to_char(t.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), t.text
FROM (SELECT at, 1 AS rank, 'MO' AS what, id, port, link, coalesce(command, '-') AS about, outcome AS result, version,
             NULL::smallint AS segments, NULL AS tip, NULL AS why, NULL::timestamptz AS reported_at, text
      FROM hall.mo WHERE msisdn = $1::text AND at >= now() - $2::interval
      UNION ALL
      SELECT at, 3, 'MT', id, port, link, class::text, state::text, version, segments, tip, why, reported_at, text
      FROM hall.mt WHERE msisdn = $1::text AND at >= now() - $2::interval
      UNION ALL
      SELECT at, 4, 'contact', id, NULL, NULL, concat_ws(' ', channel, business), outcome, NULL, NULL, NULL, NULL, NULL, NULL
      FROM hall.contact WHERE msisdn = $1::text AND at >= now() - $2::interval AND channel <> 'sms'
      UNION ALL
      SELECT parked_at, 2, 'parked', id, port, link, coalesce(command, '-'), state, version, NULL, NULL,
             concat_ws(', ', sqlstate, error, 'tries ' || nullif(attempt, 0), 'changed by ' || changed_by), NULL, text
      FROM hall.parked WHERE msisdn = $1::text AND parked_at >= now() - $2::interval) AS t
ORDER BY t.at, t.rank, t.id
