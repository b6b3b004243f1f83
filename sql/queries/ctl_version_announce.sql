-- $1 version: every smsd takes it over.
SELECT pg_notify('hall_tables', $1::text)
