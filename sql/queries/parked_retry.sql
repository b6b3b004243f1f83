-- Texts that a person wants run again.  Each try has a number from which its id follows, so that a try which was
-- claimed and then lost (running for over a minute) runs again without a second effect.
UPDATE hall.parked AS p
SET state = 'running', attempt = attempt + (state = 'retry')::int, changed_at = now()
WHERE p.id IN (SELECT id FROM hall.parked
               WHERE state = 'retry' OR (state = 'running' AND changed_at < now() - interval '1 minute')
               ORDER BY parked_at LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING id, msisdn, extract(epoch FROM at)::bigint, port, link, sealed, attempt
