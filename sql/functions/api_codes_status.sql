-- hall_api.codes_status(): the pools of codes and of draw tickets, for who must refill and audit them.  Not for commands.
-- Parameters: none.
-- Result: a row a pool: pool (of a draw: draw and its code), made, drawn, redeemed (of a draw: prizes won), left_over;
-- wrong: rows that contradict the customers' own: given out to nobody who has it, had by somebody it was not given to.
-- Outcomes: ok.
-- Tables: bss.code_pool, bss.number_hold, bss.draw_ticket, bss.drawn.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.codes_status_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.codes_status()
RETURNS TABLE (outcome hall_api.codes_status_outcome, pool text, made bigint, drawn bigint, redeemed bigint,
	left_over bigint, wrong bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.codes_status_outcome, c.pool, count(c.code), count(c.drawn_at), count(c.redeemed_at),
		count(*) FILTER (WHERE c.code IS NOT NULL AND c.drawn_at IS NULL),
		count(*) FILTER (WHERE c.drawn_at IS NOT NULL AND h.id IS NULL OR c.code IS NULL)
	FROM bss.code_pool c
	FULL JOIN (SELECT o.*, 'pickup'::text AS pool FROM bss.number_hold o WHERE o.code IS NOT NULL) AS h
		ON h.pool = c.pool AND h.code = c.code AND h.msisdn = c.drawn_by AND h.code_id = c.draw_id
	GROUP BY c.pool
	UNION ALL
	SELECT 'ok'::hall_api.codes_status_outcome, 'draw ' || coalesce(t.draw, d.draw), count(t.n), count(t.drawn_at),
		count(t.drawn_at) FILTER (WHERE t.prize IS NOT NULL), count(*) FILTER (WHERE t.n IS NOT NULL AND t.drawn_at IS NULL),
		count(*) FILTER (WHERE t.drawn_at IS NOT NULL AND d.n IS NULL OR t.n IS NULL
			OR d.prize IS DISTINCT FROM CASE WHEN t.drawn_at IS NOT NULL THEN t.prize END)
	FROM bss.draw_ticket t
	FULL JOIN bss.drawn d ON d.draw = t.draw AND d.n = t.n AND d.msisdn = t.drawn_by AND d.mo_id = t.draw_id
	GROUP BY coalesce(t.draw, d.draw)
	ORDER BY 2;
END
$$;

REVOKE ALL ON FUNCTION hall_api.codes_status() FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.codes_status() TO hall_ops;
