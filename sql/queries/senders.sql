-- $1 senders, $2 gateway times, $3 ids, $4 and $5 earliest and latest of the times.
-- One row a text, in order: was it handled before; language, brand, province and lists of its sender.
-- Correlated look-ups on purpose: each is one index probe whatever the tables' sizes.
SELECT EXISTS (SELECT 1 FROM hall.mo AS o
               WHERE o.msisdn = t.msisdn AND o.at = t.at AND o.id = t.id
               AND o.at BETWEEN $4::timestamptz AND $5::timestamptz),
       coalesce((SELECT s.lang FROM hall.subscriber AS s WHERE s.msisdn = t.msisdn), p.lang, 'zh'),
       p.brand, p.province,
       (SELECT string_agg(l.list, ',') FROM hall.number_list AS l WHERE l.msisdn = t.msisdn)
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) WITH ORDINALITY AS t (msisdn, at, id, n)
LEFT JOIN hall_api.profile($1::text[]) AS p ON p.msisdn = t.msisdn
ORDER BY t.n
