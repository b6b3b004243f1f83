-- The other parts of a long text that are there, in order.
SELECT n, body FROM hall.mo_part
WHERE msisdn = $1::text AND port = $2::text AND ref = $3::int AND total = $4::smallint
AND n <> $5::smallint AND arrived_at > now() - interval '1 day'
ORDER BY n
