-- Who may use the HTTP API: how many, who soon not any more, who not any more.
SELECT count(*) FILTER (WHERE t.expires_at > now()),
	coalesce(string_agg(t.owner, ', ' ORDER BY t.owner) FILTER (WHERE t.expires_at > now() AND t.expires_at <= now() + interval '14 days'), ''),
	coalesce(string_agg(t.owner, ', ' ORDER BY t.owner) FILTER (WHERE t.expires_at <= now()), '')
FROM hall.token AS t
WHERE t.revoked_at IS NULL
