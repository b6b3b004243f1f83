-- $1 senders.
-- One row a text, in order: language, brand, province and lists of its sender.
-- Correlated look-ups on purpose: each is one index probe whatever the tables' sizes.
SELECT coalesce((SELECT s.lang FROM hall.subscriber AS s WHERE s.msisdn = t.msisdn), p.lang, 'zh'),
       p.brand, p.province,
       (SELECT string_agg(l.list, ',') FROM hall.number_list AS l WHERE l.msisdn = t.msisdn)
FROM unnest($1::text[]) WITH ORDINALITY AS t (msisdn, n)
LEFT JOIN hall_api.profile($1::text[]) AS p ON p.msisdn = t.msisdn
ORDER BY t.n
