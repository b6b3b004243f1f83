-- $1 senders, $2 their folded texts, $3 since, $4 until: of each, how often he sent the same in vain, and how many texts in a
-- row no command answered (bounded both ways: else each day, and the default partition, would be locked and looked at); small talk and a usage text are no answers of a command.
SELECT count(*) FILTER (WHERE m.vain AND m.folded = t.folded),
       least(count(m.k), coalesce(min(m.k) FILTER (WHERE NOT m.vain) - 1, count(m.k)))
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (msisdn, folded, n)
LEFT JOIN LATERAL (
	SELECT r.vain, r.folded, row_number() OVER (ORDER BY r.at DESC, r.id DESC) AS k
	FROM (SELECT o.at, o.id, o.command IS NULL OR o.outcome IN ('chat', 'usage') AS vain, o.folded FROM hall.mo AS o
	      WHERE o.msisdn = t.msisdn AND o.at > $3::timestamptz AND o.at <= $4::timestamptz
	      ORDER BY o.at DESC, o.id DESC LIMIT 10) AS r
) AS m ON true
GROUP BY t.n ORDER BY t.n
