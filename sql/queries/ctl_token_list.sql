-- $1 whether those that count no more are shown too.
SELECT t.id, t.owner, array_to_string(t.roles, ','),
	CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired' ELSE 'valid' END,
	to_char(t.expires_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
	to_char(t.last_used_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
	t.made_by, to_char(t.made_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
	t.revoked_by, to_char(t.revoked_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), t.note
FROM hall.token AS t
WHERE $1::boolean OR (t.revoked_at IS NULL AND t.expires_at > now())
ORDER BY t.owner, t.id
