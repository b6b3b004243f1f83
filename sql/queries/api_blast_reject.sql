-- $1 request, $2 token, $3 who, $4 action, $5 blast, $6 why: somebody does not agree.
SELECT l.outcome, l.detail
FROM hall.blast_reject($3::text, $5::text, $6::text) AS b,
	hall.request_log(b.outcome::text, b.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
