-- $1 functions of hall_cmd, without the schema.  Which of them are there.
SELECT p.proname FROM pg_proc AS p
WHERE p.pronamespace = 'hall_cmd'::regnamespace AND p.proname = ANY ($1::text[])
