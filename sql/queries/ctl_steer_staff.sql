-- $1 from, $2 until: whom customers named as the ones who told them of a channel.
SELECT s.staff, s.hall, s.points, s.entries, s.customers, s.told
FROM hall_api.staff_steered($1::timestamptz, $2::timestamptz) AS s
