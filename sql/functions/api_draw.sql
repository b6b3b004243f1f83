-- hall_api.draw(msisdn, mo_id, now, lang): draws a ticket of the prize draw that is on, once a day (Asia/Shanghai).
-- Parameters: msisdn; mo_id: the text; now; lang: zh | en.
-- Result: one row.  draw: its code; name: of the prize; amount in fen; coupon; until_on: how long it is good.
-- Outcomes: won, blank (both also for a text that was done before) | already (drew today) | empty (no tickets are left) |
-- none (no draw is on).
-- Tables: bss.draw, bss.prize; writes bss.drawn, bss.draw_ticket, bss.coupon.
-- Locks: a ticket that nobody else draws.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.draw_outcome', 'won', 'blank', 'already', 'empty', 'none');

CREATE OR REPLACE FUNCTION hall_api.draw(p_msisdn text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.draw_outcome, OUT draw text, OUT name text, OUT amount integer, OUT coupon text,
	OUT until_on date)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
	d bss.drawn;
	t bss.draw_ticket;
BEGIN
	SELECT * INTO d FROM bss.drawn o WHERE o.msisdn = p_msisdn AND o.mo_id = p_mo_id;
	IF FOUND THEN
		draw := d.draw;
	ELSE
		SELECT w.code INTO draw
		FROM bss.draw w
		WHERE p_now >= w.from_at AND p_now < w.until_at
		ORDER BY w.until_at, w.code
		LIMIT 1;
		IF NOT FOUND THEN
			outcome := 'none';
			RETURN;
		END IF;
		IF EXISTS (SELECT FROM bss.drawn o WHERE o.msisdn = p_msisdn AND o.draw = draw.draw AND o.day = today) THEN
			outcome := 'already';
			RETURN;
		END IF;
		-- MATERIALIZED: looked for once, whatever the plan; or each look would pass over the ticket that the last one locked.
		WITH free AS MATERIALIZED (SELECT f.n FROM bss.draw_ticket f
			WHERE f.draw = draw.draw AND f.drawn_at IS NULL
			ORDER BY f.n LIMIT 1
			FOR UPDATE SKIP LOCKED)
		UPDATE bss.draw_ticket u
		SET drawn_at = p_now, drawn_by = p_msisdn, draw_id = p_mo_id
		FROM free
		WHERE u.draw = draw.draw AND u.n = free.n
		RETURNING u.* INTO t;
		IF NOT FOUND THEN
			outcome := 'empty';
			RETURN;
		END IF;
		INSERT INTO bss.drawn AS o (msisdn, draw, day, n, prize, at, mo_id)
		VALUES (p_msisdn, draw.draw, today, t.n, t.prize, p_now, p_mo_id)
		RETURNING o.* INTO d;
		INSERT INTO bss.coupon (msisdn, coupon, name_zh, name_en, amount, until_on, mo_id)
		SELECT p_msisdn, t.coupon, p.name_zh, p.name_en, p.amount, today + p.valid_days, p_mo_id
		FROM bss.prize p
		WHERE p.draw = t.draw AND p.prize = t.prize;
	END IF;
	SELECT CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END, c.amount, c.coupon, c.until_on
	INTO name, amount, coupon, until_on
	FROM bss.coupon c
	WHERE c.msisdn = p_msisdn AND c.mo_id = p_mo_id;
	outcome := CASE WHEN d.prize IS NULL THEN 'blank' ELSE 'won' END;
END
$$;
