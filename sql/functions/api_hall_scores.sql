-- hall_api.hall_scores(month, least, now, lang): the halls in order of what customers thought of them in a month.
-- Parameters: month: its first day, NULL: the current one; least: a hall with fewer answers than that has no place; now;
-- lang: zh | en.
-- Result: a row a hall that has a place, the best first: month; place, the same for the same score; hall; score: the mean,
-- one decimal; answers: how many; low: the share of scores below 7, as a fraction; few: how many halls have too few answers.
-- Outcomes: ok | too_few (one row: all halls have too few) | none (one row: no answers).
-- Tables: bss.survey_answer, bss.hall.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.hall_scores_outcome', 'ok', 'too_few', 'none');

CREATE OR REPLACE FUNCTION hall_api.hall_scores(p_month date, p_least integer, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.hall_scores_outcome, month date, place bigint, hall text, score numeric, answers bigint,
	low numeric, few bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = bss, pg_temp
AS $$
DECLARE
	first date := date_trunc('month', coalesce(p_month::timestamp, p_now AT TIME ZONE 'Asia/Shanghai'))::date;
BEGIN
	RETURN QUERY
	WITH judged AS (
		SELECT a.hall, round(avg(a.score), 1) AS score, count(*) AS answers,
			round(avg((a.score < 7)::integer), 3) AS low
		FROM bss.survey_answer a
		WHERE a.at >= first::timestamp AT TIME ZONE 'Asia/Shanghai'
		  AND a.at < (first + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
		GROUP BY a.hall
	), counted AS (
		SELECT count(*) AS halls, count(*) FILTER (WHERE j.answers < p_least) AS few FROM judged j
	)
	SELECT CASE WHEN c.halls = 0 THEN 'none' WHEN j.hall IS NULL THEN 'too_few' ELSE 'ok' END::hall_api.hall_scores_outcome,
		first, rank() OVER (ORDER BY j.score DESC), coalesce(CASE p_lang WHEN 'en' THEN h.name_en ELSE h.name_zh END, j.hall),
		j.score, j.answers, j.low, c.few
	FROM counted c
	LEFT JOIN judged j ON j.answers >= p_least
	LEFT JOIN bss.hall h ON h.code = j.hall
	ORDER BY j.score DESC, j.answers DESC, j.hall;
END
$$;
