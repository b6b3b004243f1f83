-- $1 how far back (90m, 24h, 7d), a day's beginning (today, yesterday), or a time; in China unless it names its zone.
-- NULL when it is none of these.
SELECT CASE WHEN $1::text ~ '^\d{1,6}[mhd]$'
            THEN now() - left($1::text, -1)::int * CASE right($1::text, 1) WHEN 'm' THEN interval '1 minute'
                                                   WHEN 'h' THEN interval '1 hour' ELSE interval '1 day' END
            WHEN $1::text IN ('today', 'yesterday')
            THEN (date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai')
                  - CASE $1::text WHEN 'today' THEN interval '0' ELSE interval '1 day' END) AT TIME ZONE 'Asia/Shanghai'
            WHEN $1::text !~ '^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?\s*([+-]\d\d(:?\d\d)?|[Zz])?)?$' THEN NULL
            WHEN $1::text ~ ':\d\d(\.\d+)?\s*([+-]\d\d(:?\d\d)?|[Zz])$' THEN $1::text::timestamptz
            ELSE $1::text::timestamp AT TIME ZONE 'Asia/Shanghai' END
