-- What the reminders of runs.yaml ask.
CREATE TABLE bss.runs_mark (matter text, said text, msisdn text);
CREATE TABLE bss.runs_who (reminder text, msisdn text);
GRANT SELECT, INSERT ON bss.runs_mark, bss.runs_who TO hall_api_owner;
SET ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.runs_outcome', 'ok');
-- The trigger's subscriber at level 1, his boss's and their boss's numbers at the others; nobody once it was marked.
CREATE FUNCTION hall_api.runs_of(p_trigger uuid, p_level integer)
RETURNS TABLE (msisdn text, lang text, matter text, level integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = bss, pg_temp AS $$
	SELECT (t.msisdn::bigint + p_level - 1)::text, t.data->>'lang', t.key, p_level / (t.data->>'divide')::integer
	FROM (SELECT x.msisdn, x.key, '{"divide": 1}'::jsonb || x.data AS data FROM hall.trigger x WHERE x.id = p_trigger) t
	WHERE NOT EXISTS (SELECT FROM bss.runs_mark m WHERE m.matter = t.key)
$$;
CREATE FUNCTION hall_api.runs_many(p_trigger uuid)
RETURNS TABLE (msisdn text, n integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = bss, pg_temp AS $$
	SELECT CASE n WHEN (t.data->>'bad')::integer THEN 'nobody' ELSE (t.msisdn::bigint + n - 1)::text END, n
	FROM hall.trigger t, generate_series(1, (t.data->>'n')::integer) AS n
	WHERE t.id = p_trigger
$$;
CREATE FUNCTION hall_api.runs_scheduled(p_reminder text)
RETURNS TABLE (msisdn text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = bss, pg_temp AS $$
	SELECT w.msisdn FROM bss.runs_who w WHERE w.reminder = p_reminder
$$;
CREATE FUNCTION hall_api.runs_mark(p_matter text, p_said text, p_msisdn text, OUT outcome hall_api.runs_outcome)
LANGUAGE sql SECURITY DEFINER SET search_path = bss, pg_temp AS $$
	INSERT INTO bss.runs_mark VALUES (p_matter, p_said, p_msisdn);
	SELECT 'ok'::hall_api.runs_outcome
$$;
