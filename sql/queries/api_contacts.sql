-- $1 request, $2 token, $3 who, $4 action, $5 which one, $6 items, $7 all or nothing: uses of another channel.
SELECT l.outcome, l.detail
FROM hall.request_contacts($6::jsonb, $7::boolean) AS c,
	hall.request_log(c.outcome, c.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
