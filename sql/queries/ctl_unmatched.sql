-- $1 since, $2 how many at most: texts that no command answered, alike but for digits and spaces, most frequent first.
-- Columns as in smsd/ctl/unmatched.c, then how many there are in all.  Digits that were hidden when the text was stored
-- are asterisks in hall.mo.folded, which holds no other.
WITH missed AS MATERIALIZED (
    SELECT msisdn, at, batch, id, text, folded, command, outcome
    FROM hall.mo WHERE at >= $1::timestamptz AND outcome IN ('unknown', 'usage', 'offer', 'silent')
), alike AS MATERIALIZED (
    SELECT d.folded,
           (SELECT coalesce(string_agg(CASE WHEN length(replace(p.part[2], ' ', '')) >= 4
                                            THEN '‹' || length(replace(p.part[2], ' ', '')) || '›'
                                            ELSE coalesce(p.part[1], p.part[2]) END, '' ORDER BY p.n), '')
            FROM regexp_matches(d.folded, '([^0-9*]+)|([0-9*]+(?: \*+)*)', 'g') WITH ORDINALITY AS p (part, n)) AS masked
    FROM (SELECT DISTINCT folded FROM missed) AS d
), spaceless AS (
    SELECT folded, masked, replace(masked, ' ', '') AS form FROM alike
), frequent AS (
    SELECT a.form, count(*) AS count, count(DISTINCT m.msisdn) AS senders, min(m.at) AS first_at, max(m.at) AS last_at,
           count(*) OVER () AS groups
    FROM missed AS m JOIN spaceless AS a USING (folded)
    GROUP BY a.form ORDER BY count(*) DESC, max(m.at) DESC, a.form LIMIT $2::int
), newest AS (
    SELECT DISTINCT ON (f.form) f.*, a.masked, m.msisdn, m.at, m.id, m.text, m.folded, m.command, m.outcome
    FROM frequent AS f JOIN spaceless AS a USING (form) JOIN missed AS m USING (folded)
    ORDER BY f.form, m.at DESC, m.batch DESC, m.id DESC
)
SELECT n.count, n.senders, to_char(n.first_at, 'YYYY-MM-DD HH24:MI:SSOF'), to_char(n.last_at, 'YYYY-MM-DD HH24:MI:SSOF'),
       to_char(n.first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(n.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       CASE WHEN length(n.masked) > 40 THEN left(n.masked, 40) || '…' ELSE n.masked END, n.masked,
       CASE WHEN length(e.example) > 40 THEN left(e.example, 40) || '…' ELSE e.example END, e.example,
       concat_ws(' ', n.outcome, n.command), n.outcome, n.command, r.text, n.groups
FROM newest AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n.text = n.folded THEN n.masked
                ELSE (SELECT string_agg(CASE WHEN length(p.part[2]) >= 4 THEN '‹' || length(p.part[2]) || '›'
                                             ELSE coalesce(p.part[1], p.part[2]) END, '' ORDER BY p.n)
                      FROM regexp_matches(n.text, '([^0-9０-９]+)|([0-9０-９]+)', 'g') WITH ORDINALITY AS p (part, n)) END
) AS e (example)
LEFT JOIN LATERAL (
    SELECT t.text FROM hall.mt AS t
    WHERE t.msisdn = n.msisdn AND t.at = n.at AND t.cause = 'mo' AND t.cause_id = n.id ORDER BY t.batch LIMIT 1
) AS r ON true
ORDER BY n.count DESC, n.last_at DESC, n.form
