-- $1 version: one that was active before.
UPDATE hall.table_version SET state = 'active', activated_at = now(), retired_at = NULL
WHERE id = $1::int AND state = 'retired'
RETURNING id
