-- $1 subscriber, $2 how far back: all that happened with him, in order of time.  Columns as in smsd/ctl/trace.c.
-- A text shows what became of the order that it made (asked), and of the one that it answered (answered).
-- Gateways count in seconds: within one, batches tell the order.  A queued MT was sent once hall.sender says that the
-- gateway took everything of its batch.  What waits, was refused or sent again, and why, is said in words.
SELECT to_char(t.at, 'YYYY-MM-DD HH24:MI:SSOF'), to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       t.what, t.id, t.port, t.link, t.about, t.result,
       concat_ws(', ', 'asked: ' || t.asked, 'answered: ' || t.answered || ' (order ' || t.answers || ')', 'v' || t.version,
                 CASE t.segments WHEN 1 THEN '1 segment' ELSE t.segments || ' segments' END,
                 'tip ' || t.tip, 'reported ' || to_char(t.reported_at, 'HH24:MI:SS'),
                 coalesce(t.words, CASE WHEN length(t.why) > 80 THEN left(t.why, 80) || '…' ELSE t.why END)),
       t.version, t.segments, t.tip, t.why,
       to_char(t.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), t.asked, t.answered, t.answers,
       t.again, to_char(t.due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), t.text
FROM (SELECT o.at, o.batch, 1 AS rank, 'MO' AS what, o.id, o.port, o.link, coalesce(o.command, '-') AS about,
             o.outcome AS result, o.version, NULL::smallint AS segments, NULL AS tip, NULL AS why,
             NULL::timestamptz AS reported_at, o.text,
             CASE WHEN e.result IS NULL AND e.within_until <= now() THEN 'expired'
                  WHEN e.id IS NOT NULL THEN coalesce(e.result, 'open') END AS asked,
             a.answered, a.answers, NULL::smallint AS again, NULL::timestamptz AS due, NULL AS words
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
             NULL, NULL, NULL, m.again, h.due,
             nullif(concat_ws(', ',
                 CASE WHEN m.again > 0 AND m.state <> 'held' THEN 'sent again' || CASE WHEN m.again > 1 THEN ' ' || m.again || ' times' ELSE '' END END,
                 CASE WHEN m.why LIKE 'resend %' THEN 'failed for now (' || concat_ws(': ', substr(m.why, 8), f.about) || ')'
                      WHEN m.state = 'held' AND m.again > 0 THEN 'failed for now' END,
                 w.words,
                 CASE WHEN m.state IN ('failed', 'rejected') THEN coalesce(f.code || ': ' || f.about,
                     left(m.why, 80) || CASE WHEN length(m.why) > 80 THEN '…' ELSE '' END) END,
                 CASE WHEN m.state = 'held' THEN CASE WHEN m.again > 0 THEN 'again ' ELSE 'due ' END || to_char(h.due, 'YYYY-MM-DD HH24:MI:SS') END), '')
      FROM hall.mt AS m LEFT JOIN hall.sender AS s ON s.instance = m.instance AND s.conn = m.conn
      LEFT JOIN hall.held AS h ON h.msisdn = m.msisdn AND h.at = m.at AND h.id = m.id
      LEFT JOIN hall.failure AS f ON m.why LIKE 'resend %' AND f.code = substr(m.why, 8)
          OR m.state IN ('failed', 'rejected') AND f.code = hall.failure_code(m.why)
      LEFT JOIN (VALUES ('new', 'waits for its turn'), ('hours', 'outside the hours of its class'),
                     ('cap', 'the subscriber had his share of this class'), ('expired', 'it would have come too late'),
                     ('blocked', 'the number is on the list block'), ('suppressed', 'nothing reaches the number'),
                     ('opted_out', 'the subscriber wants none of these'), ('no_consent', 'the subscriber never asked for these'),
                     ('no_opt_out', 'it lacks its opt-out line'), ('no_rules', 'its class has no rules'),
                     ('no_report', 'no report came in time')) AS w (why, words)
          ON w.why = m.why AND m.class <> 'reply' OR w.why = 'no_report' AND m.why = 'no_report'
      WHERE m.msisdn = $1::text AND m.at >= now() - $2::interval
      UNION ALL
      SELECT at, NULL, 3, 'contact', id, NULL, NULL, concat_ws(' ', channel, business), outcome, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM hall.contact_elsewhere WHERE msisdn = $1::text AND at >= now() - $2::interval AND channel <> 'sms'
      UNION ALL
      SELECT parked_at, NULL, 4, 'parked', id, port, link, coalesce(command, '-'), state, version, NULL, NULL,
             concat_ws(', ', 'tries ' || nullif(attempt, 0), 'changed by ' || changed_by, sqlstate, error), NULL, text,
             NULL, NULL, NULL, NULL, NULL, NULL
      FROM hall.parked WHERE msisdn = $1::text AND parked_at >= now() - $2::interval) AS t
ORDER BY t.at, t.batch, t.rank, t.id
