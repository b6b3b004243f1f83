-- $1 since when.  One statement, so one moment: a batch that is committed meanwhile is seen wholly or not at all.
-- Columns as in smsd/ctl/audit.c; each check as a JSON object too.
SELECT a.side, a."check", a.counted, a.wrong, array_to_string(a.examples, E'\n'), to_json(a)
FROM (SELECT 'hall' AS side, h.* FROM hall.audit($1::timestamptz) AS h
      UNION ALL
      SELECT 'business', b.* FROM hall_api.audit($1::timestamptz) AS b) AS a
