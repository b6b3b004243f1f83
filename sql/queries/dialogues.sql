-- $1 senders: their open questions, and those that ran out lately; the newest first.
SELECT d.msisdn, (extract(epoch FROM d.at) * 1000000)::bigint, d.id, d.kind, d.port,
       (extract(epoch FROM d.until) * 1000000)::bigint, d.command, d.function, d.version, d.question, d.state, d.tries
FROM hall.dialogue AS d WHERE d.msisdn = ANY ($1::text[])
ORDER BY d.asked_at DESC
