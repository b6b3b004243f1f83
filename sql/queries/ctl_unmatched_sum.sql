-- $1 since, $2 the commands that are small talk: all texts, those that no command answered, small talk; since when.
SELECT count(*), count(*) FILTER (WHERE outcome IN ('unknown', 'usage', 'offer', 'silent')),
       count(*) FILTER (WHERE command = ANY ($2::text[]) AND outcome NOT IN ('unknown', 'usage', 'offer', 'silent')),
       to_char($1::timestamptz, 'YYYY-MM-DD HH24:MI:SSOF'),
       to_char($1::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM hall.mo WHERE at >= $1::timestamptz
