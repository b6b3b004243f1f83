-- $1 request, $2 token, $3 who, $4 action, $5 blast, $6 from which recipient, or NULL, $7 how many, or NULL: what became of each, with
-- whole numbers.
SELECT l.outcome, l.detail
FROM (SELECT jsonb_build_object('recipients', coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.n), '[]'), 'count', count(*), 'next', CASE count(*)
		WHEN coalesce($7::integer, 10000) THEN max(r.n) + 1 END) AS detail
	FROM (SELECT e.n, e.msisdn, e.lang, e.variant, e.state, e.why, e.sent_at, e.reported_at
		FROM hall.blast_export($3::text, $5::text, true) AS e
		WHERE e.n >= coalesce($6::integer, 1) ORDER BY e.n LIMIT coalesce($7::integer, 10000)) AS r) AS b,
	hall.request_log('ok', b.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
