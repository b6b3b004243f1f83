-- $1 owner, $2 roles, $3 hash in hex, $4 days, $5 note, $6 who makes it.
SELECT t.outcome, t.id, to_char(t.expires_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
FROM hall.token_add($1::text, $2::text[], decode($3::text, 'hex'), $4::integer, $5::text, $6::text) AS t
