-- $1 request, $2 token, $3 who, $4 action, $5 which one, $6 items: what a channel reports.
SELECT l.outcome, l.detail
FROM hall.request_triggers($6::jsonb) AS t,
	hall.request_log(t.outcome, t.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
