-- $1 sender: his password's hash, how many wrong secrets he sent in a row, and until when none counts.
SELECT hall_api.password_hash(p.msisdn), coalesce(w.times, 0), coalesce((extract(epoch FROM w.until) * 1000000)::bigint, 0)
FROM (SELECT $1::text AS msisdn) AS p LEFT JOIN hall.wrong_secret AS w USING (msisdn)
