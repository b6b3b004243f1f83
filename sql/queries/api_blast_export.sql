-- $1 who, $2 blast, $3 from which recipient, or NULL, $4 how many, or NULL: what became of each.
SELECT 'ok', jsonb_build_object('recipients', coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.n), '[]'), 'next', CASE count(*)
	WHEN coalesce($4::integer, 10000) THEN max(r.n) + 1 END)
FROM (SELECT e.n, e.msisdn, e.lang, e.variant, e.state, e.why, e.sent_at, e.reported_at
	FROM hall.blast_export($1::text, $2::text, false) AS e
	WHERE e.n >= coalesce($3::integer, 1) ORDER BY e.n LIMIT coalesce($4::integer, 10000)) AS r
