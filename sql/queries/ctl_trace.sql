-- $1 subscriber, $2 how far back: all that happened with him, in order of time.  Columns as in smsd/ctl/trace.c.
-- A text shows what became of the order that it made (asked), and of the one that it answered (answered).
-- Gateways count in seconds: within one, batches tell the order.  A queued MT was sent once hall.sender says that the
-- gateway took everything of its batch.
SELECT to_char(t.at, 'YYYY-MM-DD HH24:MI:SSOF'), to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       t.what, t.id, t.port, t.link, t.about, t.result,
       concat_ws(', ', 'asked: ' || t.asked, 'answered: ' || t.answered || ' (order ' || t.answers || ')', 'v' || t.version,
                 CASE t.segments WHEN 1 THEN '1 segment' ELSE t.segments || ' segments' END,
                 'tip ' || t.tip, 'reported ' || to_char(t.reported_at, 'HH24:MI:SS'),
                 CASE WHEN length(t.why) > 80 THEN left(t.why, 80) || '…' ELSE t.why END),
       t.version, t.segments, t.tip, t.why,
       to_char(t.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), t.asked, t.answered, t.answers, t.text
FROM (SELECT o.at, o.batch, 1 AS rank, 'MO' AS what, o.id, o.port, o.link, coalesce(o.command, '-') AS about,
             o.outcome AS result, o.version, NULL::smallint AS segments, NULL AS tip, NULL AS why,
             NULL::timestamptz AS reported_at, o.text,
             CASE WHEN e.result IS NULL AND e.within_until <= now() THEN 'expired'
                  WHEN e.id IS NOT NULL THEN coalesce(e.result, 'open') END AS asked,
             a.answered, a.answers
      FROM hall.mo AS o
      LEFT JOIN hall.evidence AS e ON e.msisdn = o.msisdn AND e.at = o.at AND e.id = o.id
      CROSS JOIN LATERAL (
          SELECT string_agg(x.result, ' ' ORDER BY x.at, x.id) AS answered,
                 string_agg(x.id::text, ' ' ORDER BY x.at, x.id) AS answers
          FROM hall.evidence AS x WHERE x.msisdn = o.msisdn AND x.answered_at = o.at AND x.answer_id = o.id
      ) AS a
      WHERE o.msisdn = $1::text AND o.at >= now() - $2::interval
      UNION ALL
      SELECT m.at, m.batch, 2, 'MT', m.id, m.port, m.link, m.class::text,
             CASE WHEN m.state = 'queued' AND m.batch <= s.accepted THEN 'sent' ELSE m.state::text END,
             m.version, m.segments, m.tip, m.why, m.reported_at, m.text,
             NULL, NULL, NULL
      FROM hall.mt AS m LEFT JOIN hall.sender AS s ON s.instance = m.instance AND s.conn = m.conn
      WHERE m.msisdn = $1::text AND m.at >= now() - $2::interval
      UNION ALL
      SELECT at, NULL, 3, 'contact', id, NULL, NULL, concat_ws(' ', channel, business), outcome, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL
      FROM hall.contact WHERE msisdn = $1::text AND at >= now() - $2::interval AND channel <> 'sms'
      UNION ALL
      SELECT parked_at, NULL, 4, 'parked', id, port, link, coalesce(command, '-'), state, version, NULL, NULL,
             concat_ws(', ', 'tries ' || nullif(attempt, 0), 'changed by ' || changed_by, sqlstate, error), NULL, text,
             NULL, NULL, NULL
      FROM hall.parked WHERE msisdn = $1::text AND parked_at >= now() - $2::interval) AS t
ORDER BY t.at, t.batch, t.rank, t.id
