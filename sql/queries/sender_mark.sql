-- $1 instance, $2 connection, $3 this batch (0: none), $4 all MTs up to this batch were accepted.
INSERT INTO hall.sender AS s (instance, conn, last_batch, accepted)
VALUES ($1::text, $2::smallint, $3::bigint, $4::bigint)
ON CONFLICT (instance, conn) DO UPDATE
SET last_batch = greatest(s.last_batch, excluded.last_batch), accepted = greatest(s.accepted, excluded.accepted),
    changed_at = now()
