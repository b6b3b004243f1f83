-- $1 instance, $2 version in force.
INSERT INTO hall.instance AS i (instance, version) VALUES ($1::text, $2::int)
ON CONFLICT (instance) DO UPDATE
SET since = CASE WHEN i.version = excluded.version THEN i.since ELSE now() END,
    version = excluded.version, seen_at = now()
