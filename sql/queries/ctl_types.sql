-- $1 type oids.  One row a type, in order: its name, qualified unless it is built in; its category; its values when
-- it is an enum.
SELECT CASE WHEN n.nspname = 'pg_catalog' THEN format_type(t.oid, NULL) ELSE format('%I.%I', n.nspname, t.typname) END,
       t.typcategory,
       (SELECT string_agg(e.enumlabel, E'\n' ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid)
FROM unnest($1::oid[]) WITH ORDINALITY AS o (oid, n)
JOIN pg_type AS t ON t.oid = o.oid
JOIN pg_namespace AS n ON n.oid = t.typnamespace
ORDER BY o.n
