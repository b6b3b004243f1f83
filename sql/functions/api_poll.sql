-- hall_api.poll(msisdn, now, lang): the poll that is on, with how many votes each option has.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: a row an option: poll, title, until_at; no, name; votes; mine: he voted for it; voted: he has voted.
-- Outcomes: ok (no row: none, no poll is on).
-- Tables: bss.poll, bss.poll_option, bss.vote.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.poll_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.poll(p_msisdn text, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.poll_outcome, poll text, title text, until_at timestamptz, no integer, name text,
	votes bigint, mine boolean, voted boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.poll_outcome, p.code, CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, p.until_at, o.no,
		CASE p_lang WHEN 'en' THEN o.name_en ELSE o.name_zh END,
		(SELECT count(*) FROM bss.vote v WHERE v.poll = p.code AND v.no = o.no),
		coalesce(m.no = o.no, false), m.no IS NOT NULL
	FROM (SELECT * FROM bss.poll q
		WHERE p_now >= q.from_at AND p_now < q.until_at
		ORDER BY q.until_at, q.code LIMIT 1) AS p
	JOIN bss.poll_option o ON o.poll = p.code
	LEFT JOIN bss.vote m ON m.msisdn = p_msisdn AND m.poll = p.code
	ORDER BY o.no;
END
$$;
