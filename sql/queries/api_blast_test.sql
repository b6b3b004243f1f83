-- $1 request, $2 token, $3 who, $4 action, $5 blast, $6 messages: an array of msisdn, lang, variant, segments, text, $7 port: to staff.
SELECT l.outcome, l.detail
FROM (SELECT array_agg(m.msisdn) AS msisdn, array_agg(m.lang) AS lang, array_agg(m.variant) AS variant, array_agg(m.text) AS text,
		array_agg(m.segments) AS segments
	FROM jsonb_to_recordset($6::jsonb) AS m (msisdn text, lang text, variant text, text text, segments smallint)) AS a,
	hall.blast_test($3::text, $5::text, a.msisdn, a.lang, a.variant, a.text, a.segments, $7::text, now()) AS b,
	hall.request_log(b.outcome::text, b.detail, $1::uuid, $2::integer, $3::text, $4::text, $5::text) AS l
