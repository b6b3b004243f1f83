-- $1 senders: their open questions, and those that ran out lately; the newest first.  What a message that nobody asked for opens
-- counts from its sending.
SELECT d.msisdn, (extract(epoch FROM d.at) * 1000000)::bigint, d.id, d.kind, d.port,
       (extract(epoch FROM d.until) * 1000000)::bigint, d.command, d.function, d.version, d.question, d.state, d.tries
FROM (SELECT q.msisdn, q.at, q.id, q.kind, q.port, q.until, q.command, q.function, q.version, q.question, q.state, q.tries, q.asked_at
      FROM hall.dialogue AS q WHERE q.msisdn = ANY ($1::text[])
      UNION ALL
      SELECT o.msisdn, o.at, o.id, 'opens', m.port, m.sent_at + o.within, o.command, NULL, o.version, m.text, o.state, 0, m.sent_at
      FROM hall.opens AS o
      CROSS JOIN LATERAL (
          SELECT x.port, x.text, timestamptz 'epoch' + x.batch * interval '1 microsecond' AS sent_at
          FROM hall.mt AS x
          WHERE x.msisdn = o.msisdn AND x.at = o.at AND x.id = o.id AND x.state NOT IN ('held', 'refused')
      ) AS m
      WHERE o.msisdn = ANY ($1::text[]) AND m.sent_at + o.within > now() - interval '7 days') AS d
ORDER BY d.asked_at DESC
