-- $1 senders, $2 times, $3 ids of texts that were handled before: their answers that perhaps never reached a gateway.
SELECT m.msisdn, extract(epoch FROM m.at)::bigint, m.id, m.port, m.link, m.receiver, m.text, m.segments, m.report, m.batch,
       m.instance, m.conn, m.sealed, m.again, m.class <> 'reply'
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) AS t (msisdn, at, id)
JOIN hall.mt AS m ON m.msisdn = t.msisdn AND m.at = t.at AND m.cause_id = t.id
JOIN hall.sender AS s ON s.instance = m.instance AND s.conn = m.conn
WHERE m.state = 'queued' AND m.batch > s.accepted
