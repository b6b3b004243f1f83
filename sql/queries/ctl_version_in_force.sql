-- $1 version: how many smsd run, how many of them have it in force.
SELECT count(*), count(*) FILTER (WHERE version = $1::int) FROM hall.instance WHERE seen_at > now() - interval '8 s'
