-- $1 who, $2 blast, $3 messages: an array of msisdn, lang, variant, segments, text, $4 port.
SELECT t.outcome, t.detail
FROM (SELECT array_agg(m.msisdn) AS msisdn, array_agg(m.lang) AS lang, array_agg(m.variant) AS variant, array_agg(m.text) AS text,
		array_agg(m.segments) AS segments
	FROM jsonb_to_recordset($3::jsonb) AS m (msisdn text, lang text, variant text, text text, segments smallint)) AS a,
	hall.blast_test($1, $2, a.msisdn, a.lang, a.variant, a.text, a.segments, $4, now()) AS t
