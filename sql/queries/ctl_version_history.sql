SELECT v.id AS version, v.state, to_char(v.activated_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS activated,
       to_char(v.retired_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS retired, v.made_by,
       (SELECT count(*) FROM hall.table_file AS f WHERE f.version = v.id) AS files,
       (SELECT count(*) FROM hall.table_function AS f WHERE f.version = v.id) AS commands, v.note
FROM hall.table_version AS v
ORDER BY v.id DESC
