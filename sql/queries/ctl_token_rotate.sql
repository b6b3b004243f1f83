-- $1 owner or id, $2 hash in hex, $3 days, $4 who does it.
SELECT t.outcome, t.id, to_char(t.expires_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), t.owner,
	array_to_string(t.roles, ',')
FROM hall.token_rotate($1::text, decode($2::text, 'hex'), $3::integer, $4::text) AS t
