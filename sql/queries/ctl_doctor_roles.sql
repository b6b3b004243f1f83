-- $1 roles that must be there: those that are not.
SELECT coalesce(string_agg(r.name, ', ' ORDER BY r.name), '')
FROM unnest($1::text[]) AS r (name)
WHERE NOT EXISTS (SELECT FROM pg_roles AS p WHERE p.rolname = r.name)
