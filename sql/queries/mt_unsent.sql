-- $1 instance, $2 connection: MTs that were committed and perhaps never reached the gateway.
SELECT msisdn, extract(epoch FROM at)::bigint, id, port, link, receiver, text, segments, report, batch, instance, conn, sealed,
       again, class <> 'reply'
FROM hall.mt
WHERE batch > coalesce((SELECT accepted FROM hall.sender WHERE instance = $1::text AND conn = $2::smallint), 0)
AND instance = $1::text AND conn = $2::smallint AND state = 'queued'
ORDER BY batch, at
