-- Held for the life of the control connection: tells whether an instance is alive.
SELECT pg_try_advisory_lock(hashtextextended('smsd instance ' || $1::text, 7402))
