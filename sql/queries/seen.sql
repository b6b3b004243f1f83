-- $1 senders, $2 gateway times, $3 ids, $4 and $5 earliest and latest of the times.
-- One row a text, in order: was it handled before.  LIMIT keeps it one index probe a text: an EXISTS may be planned, while
-- the day's partition is young, as one walk through all of it.
SELECT coalesce((SELECT true FROM hall.mo AS o
                 WHERE o.msisdn = t.msisdn AND o.at = t.at AND o.id = t.id
                 AND o.at BETWEEN $4::timestamptz AND $5::timestamptz LIMIT 1), false)
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) WITH ORDINALITY AS t (msisdn, at, id, n)
ORDER BY t.n
