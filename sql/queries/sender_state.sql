-- $1 instance, $2 connection: how far it had come; no row: never ran.
SELECT last_batch, accepted FROM hall.sender WHERE instance = $1::text AND conn = $2::smallint
