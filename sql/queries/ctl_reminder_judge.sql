-- $1 class, $2 subscribers, $3 when, $4 until when it makes sense besides what the class says (NULL: no matter), in seconds since
-- 1970: what the door would say of messages made and sent then.
SELECT j.n, j.why, to_char(j.due AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
       to_char(u.until AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
FROM (SELECT to_timestamp($3::bigint) AS at,
             least(to_timestamp($3::bigint) + c.valid, to_timestamp($4::bigint)) AS until
      FROM hall.message_class AS c WHERE c.class = $1::hall.mt_class) AS u
CROSS JOIN LATERAL hall.door_judge(array_fill($1::hall.mt_class, ARRAY[cardinality($2::text[])]), $2::text[],
                                   array_fill(u.until, ARRAY[cardinality($2::text[])]), u.at, false) AS j
ORDER BY j.n
