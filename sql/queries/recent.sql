-- $1 senders, $2 their folded texts, $3 since: of each, how often he sent the same in vain, and how many texts in a row
-- no command answered.
SELECT count(*) FILTER (WHERE m.command IS NULL AND m.folded = t.folded),
       least(count(*), coalesce(min(m.k) FILTER (WHERE m.command IS NOT NULL) - 1, count(*)))
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (msisdn, folded, n)
LEFT JOIN LATERAL (
	SELECT r.command, r.folded, row_number() OVER (ORDER BY r.at DESC, r.id DESC) AS k
	FROM (SELECT o.at, o.id, o.command, o.folded FROM hall.mo AS o
	      WHERE o.msisdn = t.msisdn AND o.at > $3::timestamptz
	      ORDER BY o.at DESC, o.id DESC LIMIT 10) AS r
) AS m ON true
GROUP BY t.n ORDER BY t.n
