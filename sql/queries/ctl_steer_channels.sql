-- $1 from, $2 until, $3 commands that only ask or recharge, $4 whether by business: uses of each channel; those that are
-- transactions, and their share of all.  Other channels say by the name of the business what is none.
SELECT u.channel, CASE WHEN $4::boolean THEN u.business END, sum(u.uses), coalesce(sum(u.uses) FILTER (WHERE t.counts), 0),
       round(100 * coalesce(sum(u.uses) FILTER (WHERE t.counts), 0) / nullif(sum(coalesce(sum(u.uses) FILTER (WHERE t.counts), 0)) OVER (), 0), 1)
FROM hall.channel_use($1::timestamptz, $2::timestamptz) AS u,
LATERAL (SELECT CASE u.channel WHEN 'sms' THEN NOT u.business = ANY ($3::text[])
		ELSE coalesce(u.business, '') !~ '^(query|balance|bill|points|recharge)(_|$)' END) AS t (counts)
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
