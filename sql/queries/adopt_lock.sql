SELECT pg_try_advisory_xact_lock(hashtextextended('smsd instance ' || $1::text, 7402))
