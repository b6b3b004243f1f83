-- $1 request, $2 token, $3 who, $4 action, $5 blast, $6 which rows were loaded, $7 keep | refuse, or NULL, $8 so many bad rows are
-- told, or NULL, $9 add | replace, or NULL: puts them on its list.
SELECT l.outcome, l.detail
FROM hall.request_recipients($3::text, $5::text, $6::uuid, coalesce($7::text, 'refuse'), coalesce($8::integer, 20),
		coalesce($9::text, 'add')) AS b,
	hall.request_log(b.outcome::text, b.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
