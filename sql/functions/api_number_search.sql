-- hall_api.number_search(tail, now): numbers that can be chosen.
-- Parameters: tail: the last digits that are wanted, 1 to 8; now.
-- Result: a row a number, the cheapest first, at most 5: number; prepay in fen: what must be paid in for it.
-- Outcomes: ok (no row: none).
-- Tables: bss.number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.number_search_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.number_search(p_tail text, p_now timestamptz)
RETURNS TABLE (outcome hall_api.number_search_outcome, number text, prepay integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
DECLARE
	begins text COLLATE "C" := reverse(p_tail);
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.number_search_outcome, n.number, n.prepay
	FROM bss.number n
	WHERE reverse(n.number) COLLATE "C" >= begins AND reverse(n.number) COLLATE "C" < begins || ':'	-- ':' follows '9'
	  AND n.state <> 'sold' AND (n.state = 'free' OR n.held_until <= p_now)
	ORDER BY n.prepay, n.number
	LIMIT 5;
END
$$;
