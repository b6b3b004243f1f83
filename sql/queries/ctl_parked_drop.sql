-- $1 id, $2 who drops it, and why.
UPDATE hall.parked SET state = 'dropped', changed_at = now(), changed_by = $2::text
WHERE id = $1::uuid AND state IN ('parked', 'retry')
RETURNING id
