-- $1 senders of the batch.  Keeps two smsd off one subscriber; sorted, so that they cannot deadlock.  A
-- statement of its own: what follows takes its snapshot after the locks.
SELECT count(pg_advisory_xact_lock(s.key))
FROM (SELECT hashtextextended(m, 7401) AS key FROM unnest($1::text[]) AS m ORDER BY 1 OFFSET 0) AS s
