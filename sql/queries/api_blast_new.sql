-- $1 request, $2 token, $3 who, $4 action, $5 which one, $6 all that it consists of: a new blast.
SELECT l.outcome, l.detail
FROM hall.blast_new($3::text, $6::jsonb->>'name', $6::jsonb->>'class',
		ARRAY(SELECT c.value FROM jsonb_array_elements_text(coalesce(nullif($6::jsonb->'columns', 'null'), '[]'))
			WITH ORDINALITY AS c ORDER BY c.ordinality),
		nullif($6::jsonb->'texts', 'null'), $6::jsonb - '{name,class,columns,texts}'::text[]) AS b,
	hall.request_log(b.outcome::text, b.detail, $1::uuid, $2::integer, $3::text, $4::text, $6::jsonb->>'name') AS l
WHERE $5::text IS NULL
