-- $1 subscribers, $2 ids, $3 when their cause came, $4 until: messages make no sense later than that.
UPDATE hall.mt AS m SET until = $4::timestamptz
FROM unnest($1::text[], $2::uuid[]) AS t (msisdn, id)
WHERE m.msisdn = t.msisdn AND m.at = $3::timestamptz AND m.id = t.id AND m.until > $4::timestamptz
