-- $1 subscribers, $2 times, $3 ids, $4 failed or rejected, $5 what the report said, $6 which sending it is about, $7 now: reports of
-- failures; what may be delivered later is sent again.
SELECT f.resent, f.suppressed
FROM hall.door_failed($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz) AS f
