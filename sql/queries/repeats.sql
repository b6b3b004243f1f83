-- $1 senders: what they did lately.
SELECT r.msisdn, r.port, r.key, r.command, extract(epoch FROM r.at)::bigint, extract(epoch FROM r.until)::bigint, r.answer
FROM hall.repeat AS r WHERE r.msisdn = ANY ($1::text[])
