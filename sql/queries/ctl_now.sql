-- $1 a time, in China unless it names its zone; NULL: the clock.  As :now is bound, and in seconds since 1970.
SELECT to_char(t.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') || '+08', extract(epoch FROM t.at)::bigint
FROM (SELECT CASE WHEN $1::text IS NULL THEN now()
                  WHEN $1::text ~ ':\d\d(:\d\d(\.\d+)?)?\s*([+-]\d\d(:?\d\d)?|[Zz])$' THEN $1::text::timestamptz
                  ELSE $1::text::timestamp AT TIME ZONE 'Asia/Shanghai' END AS at) AS t
