-- $1 request, $2 token, $3 who, $4 action, $5 blast: empties its list.
SELECT l.outcome, l.detail
FROM hall.blast_recipients_clear($3::text, $5::text) AS b,
	hall.request_log(b.outcome::text, b.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
