-- $1 days: what was done by the API longer ago is forgotten, some of it at a time.
DELETE FROM hall.request AS r
WHERE r.id IN (SELECT o.id FROM hall.request AS o WHERE o.at < now() - make_interval(days => $1::integer) ORDER BY o.at LIMIT 10000)
