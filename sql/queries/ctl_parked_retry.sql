-- $1 id, NULL for all; $2 who asks.  smsd hears of it when this commits.
WITH changed AS (
    UPDATE hall.parked SET state = 'retry', changed_at = now(), changed_by = $2::text
    WHERE state = 'parked' AND ($1::uuid IS NULL OR id = $1::uuid)
    RETURNING id)
SELECT id, pg_notify('hall_parked', '') FROM changed ORDER BY id
