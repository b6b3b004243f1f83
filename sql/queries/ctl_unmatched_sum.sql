-- $1 since, $2 the commands that are small talk: all texts, those that no command answered, small talk.
SELECT count(*), count(*) FILTER (WHERE outcome IN ('unknown', 'usage', 'offer')),
       count(*) FILTER (WHERE command = ANY ($2::text[]) AND outcome NOT IN ('unknown', 'usage', 'offer'))
FROM hall.mo WHERE at >= $1::timestamptz
