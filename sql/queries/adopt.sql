-- $1 dead instance, $2 its connection, $3 new owner, $4 its connection, $5 batch of the new owner: from now on the rows are ours.
WITH mark AS (
	UPDATE hall.sender SET accepted = last_batch, changed_at = now()
	WHERE instance = $1::text AND conn = $2::smallint AND accepted < last_batch
	RETURNING (SELECT accepted FROM hall.sender WHERE instance = $1::text AND conn = $2::smallint) AS accepted)
UPDATE hall.mt AS m SET instance = $3::text, conn = $4::smallint, batch = $5::bigint
FROM mark
WHERE m.instance = $1::text AND m.conn = $2::smallint AND m.batch > mark.accepted AND m.state = 'queued'
RETURNING m.msisdn, extract(epoch FROM m.at)::bigint, m.id, m.port, m.link, m.receiver, m.text, m.segments, m.report, m.batch, m.instance, m.conn, m.sealed,
	m.again, m.class <> 'reply'
