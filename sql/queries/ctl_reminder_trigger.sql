-- $1 name, $2 key: a trigger that was reported, and when, in seconds since 1970.
SELECT t.id, extract(epoch FROM t.at)::bigint FROM hall.trigger AS t WHERE t.name = $1::text AND t.key = $2::text
