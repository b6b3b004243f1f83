-- $1 subscriber: the language he is answered in, why; his province, brand and lists.
SELECT coalesce(s.lang, p.lang, 'zh'), CASE WHEN s.lang IS NOT NULL THEN 'chosen' WHEN p.lang IS NOT NULL THEN 'profile'
       ELSE 'default' END, p.province, p.brand,
       (SELECT string_agg(l.list, ',') FROM hall.number_list AS l WHERE l.msisdn = t.msisdn)
FROM (SELECT $1::text AS msisdn) AS t
LEFT JOIN hall.subscriber AS s ON s.msisdn = t.msisdn
LEFT JOIN hall_api.profile(ARRAY[$1::text]) AS p ON p.msisdn = t.msisdn
