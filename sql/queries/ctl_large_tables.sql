-- $1 schemas, $2 tables, $3 rows: which of the tables hold more rows than that, as last estimated.
SELECT DISTINCT format('%I.%I', n.nspname, c.relname), c.reltuples::bigint
FROM unnest($1::text[], $2::text[]) AS t (schema, name)
JOIN pg_namespace AS n ON n.nspname = t.schema
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
WHERE c.reltuples > $3::bigint
ORDER BY 1
