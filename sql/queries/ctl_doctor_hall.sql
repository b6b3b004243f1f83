-- The active version of the command tables; parked texts, and the time of the oldest.
SELECT (SELECT id FROM hall.table_version WHERE state = 'active'), count(*),
       to_char(min(parked_at), 'YYYY-MM-DD HH24:MI:SSOF')
FROM hall.parked WHERE state IN ('parked', 'retry')
