-- hall_api.audit(since): whether what the business recorded is what customers texted, and whether its money adds up.
-- Called by `smsctl audit`.  Part of the seam: an operator writes it anew for his billing, with these results.
-- Parameters: since: texts and effects of that time and later.
-- Result: a row a check: what must be true; how many rows were looked at; how many are wrong; up to 20 of these.
-- One text has one effect, but that one that names several of a list (services_cancel) has one for each.
-- A text's command is known by the function of hall_api that it calls, whatever its table calls it.  Texts and effects
-- may be a day apart (a gateway's store, clocks); an older text of an effect is looked up by its key.
-- Tables: bss.*, hall.mo (not what texts say), hall.table_function; nothing is locked.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.audit(p_since timestamptz)
RETURNS TABLE ("check" text, counted bigint, wrong bigint, examples text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 9
SET search_path = bss, pg_temp
SET work_mem = '64MB'
SET jit = off
SET enable_nestloop = off
AS $$
BEGIN
	RETURN QUERY
	WITH deed (call, kind, outcomes) AS (
		-- What changes something: the function, the kind of its effect, the outcomes with which it does.
		VALUES ('recharge', 'recharge', '{ok}'::text[]), ('service_on', 'service_on', '{ok}'),
			('service_off', 'service_off', '{ok}'), ('services_cancel', 'service_off', '{ok}'),
			('event_signup', 'event_signup', '{ok,waiting}'), ('event_cancel', 'event_cancel', '{ok}'),
			('transfer', 'transfer', '{ok}'), ('gift_exchange', 'gift_exchange', '{ok}'),
			('password_set', 'password_set', '{ok}'), ('password_reset', 'password_reset', '{ok}'),
			('opt_out', 'opt_out', '{ok}'), ('opt_in', 'opt_in', '{ok}')
	), body AS MATERIALIZED (
		SELECT 'hall_cmd.' || p.proname AS function, min(d.call) AS call, count(d.call) AS calls
		FROM pg_catalog.pg_proc p
		LEFT JOIN deed d ON p.prosrc ~ ('\m' || d.call || '\s*\(')
		WHERE p.pronamespace = 'hall_cmd'::regnamespace
		  AND NOT coalesce('transaction_read_only=on' = ANY (p.proconfig), false)
		GROUP BY p.oid, p.proname
	), command AS MATERIALIZED (
		SELECT f.version, f.command, d.call, d.kind, d.outcomes
		FROM body b
		JOIN hall.table_function f ON f.function = b.function
		LEFT JOIN deed d ON d.call = b.call AND b.calls = 1
	), txt AS MATERIALIZED (
		SELECT m.msisdn, m.id, m.at, m.command, m.outcome, c.kind
		FROM hall.mo m
		JOIN command c ON c.version = m.version AND c.command = m.command
		WHERE m.at >= p_since - interval '1 day'
		  AND (m.outcome = ANY (c.outcomes) OR (c.kind IS NULL AND m.outcome <> ALL (hall.engine_outcomes())))
	), effect AS MATERIALIZED (
		SELECT e.msisdn, e.mo_id, e.kind, e.at
		FROM bss.effect e
		WHERE e.at >= p_since - interval '1 day' AND e.mo_id IS NOT NULL
	), lone AS MATERIALIZED (
		SELECT e.*
		FROM effect e
		WHERE e.at >= p_since AND NOT EXISTS (SELECT FROM txt t
			WHERE t.msisdn = e.msisdn AND t.id = e.mo_id AND t.kind = e.kind)
	), bad_effect AS MATERIALIZED (
		SELECT l.at, format('%s at %s: %s is by text %s, which %s', l.msisdn, l.at, l.kind, l.mo_id,
			CASE WHEN m.id IS NULL THEN 'is not there'
				ELSE format('was %s, %s', coalesce(m.command, 'no command'), m.outcome) END) AS what
		FROM lone l
		LEFT JOIN LATERAL (SELECT o.id, o.version, o.command, o.outcome
			FROM hall.mo o WHERE o.msisdn = l.msisdn AND o.id = l.mo_id LIMIT 1) m ON true
		WHERE NOT EXISTS (SELECT FROM command c
			WHERE c.version = m.version AND c.command = m.command AND c.kind = l.kind
			  AND m.outcome = ANY (c.outcomes))
	), bad_text AS MATERIALIZED (
		SELECT t.at, format('%s at %s: text %s (%s, %s) has no effect', t.msisdn, t.at, t.id, t.command, t.outcome) AS what
		FROM txt t
		WHERE t.at >= p_since AND t.kind IS NOT NULL AND NOT EXISTS (SELECT FROM effect e
			WHERE e.msisdn = t.msisdn AND e.mo_id = t.id AND e.kind = t.kind)
		UNION ALL
		SELECT min(e.at), format('%s at %s: text %s has %s effects: %s', e.msisdn, min(e.at), e.mo_id, count(*),
			string_agg(e.kind, ', '))
		FROM effect e
		GROUP BY e.msisdn, e.mo_id
		HAVING count(*) > 1 AND max(e.at) >= p_since
		   AND NOT (min(e.kind) = 'service_off' AND max(e.kind) = 'service_off' AND EXISTS (SELECT
			FROM hall.mo o
			JOIN command c ON c.version = o.version AND c.command = o.command AND c.call = 'services_cancel'
			WHERE o.msisdn = e.msisdn AND o.id = e.mo_id))
	)
	SELECT 'each effect has its text, of a command that does this',
		(SELECT count(*) FROM effect e WHERE e.at >= p_since), (SELECT count(*) FROM bad_effect),
		ARRAY(SELECT b.what FROM bad_effect b ORDER BY b.at LIMIT 20)
	UNION ALL
	SELECT 'each text that was done has one effect',
		(SELECT count(*) FROM txt t WHERE t.at >= p_since AND t.kind IS NOT NULL), (SELECT count(*) FROM bad_text),
		ARRAY(SELECT b.what FROM bad_text b ORDER BY b.at LIMIT 20)
	UNION ALL
	SELECT 'texts of commands that change something else: not checked',
		(SELECT count(*) FROM txt t WHERE t.at >= p_since AND t.kind IS NULL), 0, '{}';

	-- Of all times: money that came or went without a record has no time.
	RETURN QUERY
	WITH booked AS (
		SELECT p.msisdn, sum(p.amount) AS amount FROM bss.payment p GROUP BY p.msisdn
	), bad AS MATERIALIZED (
		SELECT coalesce(a.msisdn, b.msisdn) AS msisdn, a.balance, a.opening, coalesce(b.amount, 0) AS amount
		FROM bss.account a
		FULL JOIN booked b ON b.msisdn = a.msisdn
		WHERE a.msisdn IS NULL OR a.balance <> a.opening + coalesce(b.amount, 0)
	)
	SELECT 'each balance is the opening one and all payments', (SELECT count(*) FROM bss.account), count(*),
		ARRAY(SELECT CASE WHEN b.balance IS NULL THEN format('%s: payments of %s fen and no account', b.msisdn, b.amount)
				ELSE format('%s: balance %s fen, opening %s + payments %s = %s', b.msisdn, b.balance, b.opening, b.amount,
					b.opening + b.amount) END
			FROM bad b ORDER BY b.msisdn LIMIT 20)
	FROM bad;

	RETURN QUERY
	WITH bad AS MATERIALIZED (
		SELECT v.used_at AS at, format('%s at %s: voucher %s of %s fen was used by text %s, and no such payment to %s is there',
			v.used_by, v.used_at, v.serial, v.amount, v.mo_id, v.used_for) AS what
		FROM bss.voucher v
		WHERE v.used_at >= p_since AND v.mo_id IS NOT NULL AND NOT EXISTS (SELECT FROM bss.payment p
			WHERE p.msisdn = v.used_for AND p.id = v.mo_id AND p.kind = 'voucher' AND p.amount = v.amount
			  AND p.ref = v.serial::text)
		UNION ALL
		SELECT p.at, format('%s at %s: payment of %s fen by voucher %s, and the voucher was not used for it (text %s)', p.msisdn,
			p.at, p.amount, p.ref, p.id)
		FROM bss.payment p
		WHERE p.at >= p_since AND p.kind = 'voucher' AND NOT EXISTS (SELECT FROM bss.voucher v
			WHERE v.used_for = p.msisdn AND v.mo_id = p.id AND v.amount = p.amount AND v.serial::text = p.ref)
	)
	SELECT 'each used voucher is one payment, each payment by voucher used one',
		(SELECT count(*) FROM bss.voucher v WHERE v.used_at >= p_since AND v.mo_id IS NOT NULL), count(*),
		ARRAY(SELECT b.what FROM bad b ORDER BY b.at LIMIT 20)
	FROM bad;

	RETURN QUERY
	WITH had (msisdn, service, at, price, mo_id) AS (
		SELECT s.msisdn, s.service, s.since, s.price, s.mo_id FROM bss.subscription s
		UNION ALL
		SELECT o.msisdn, o.service, o.since, o.price, o.mo_id FROM bss.subscription_past o
	), bad AS MATERIALIZED (
		SELECT h.at, format('%s at %s: %s was switched on by text %s, and no payment of %s fen for it is there', h.msisdn, h.at,
			h.service, h.mo_id, h.price) AS what
		FROM had h
		WHERE h.at >= p_since AND h.mo_id IS NOT NULL AND NOT EXISTS (SELECT FROM bss.payment p
			WHERE p.msisdn = h.msisdn AND p.id = h.mo_id AND p.kind = 'service' AND p.amount = -h.price
			  AND p.ref = h.service)
		UNION ALL
		SELECT p.at, format('%s at %s: %s fen were taken for %s, and text %s did not switch it on', p.msisdn, p.at, -p.amount,
			p.ref, p.id)
		FROM bss.payment p
		WHERE p.at >= p_since AND p.kind = 'service' AND NOT EXISTS (SELECT FROM had h
			WHERE h.msisdn = p.msisdn AND h.mo_id = p.id AND h.price = -p.amount AND h.service = p.ref)
	)
	SELECT 'each service switched on was paid once, each charge switched one on',
		(SELECT count(*) FROM bss.payment p WHERE p.at >= p_since AND p.kind = 'service'), count(*),
		ARRAY(SELECT b.what FROM bad b ORDER BY b.at LIMIT 20)
	FROM bad;

	RETURN QUERY
	WITH bad AS MATERIALIZED (
		SELECT p.at, format('%s at %s: %s of %s fen by text %s, and no such %s %s is there', p.msisdn, p.at, p.kind, p.amount,
			p.id, CASE p.kind WHEN 'transfer_out' THEN 'payment to' ELSE 'payment of' END, p.ref) AS what
		FROM bss.payment p
		WHERE p.at >= p_since AND p.kind IN ('transfer_out', 'transfer_in') AND NOT EXISTS (SELECT FROM bss.payment o
			WHERE o.msisdn = p.ref AND o.id = p.id AND o.ref = p.msisdn AND o.amount = -p.amount
			  AND o.kind IN ('transfer_out', 'transfer_in') AND o.kind <> p.kind
			  AND (p.amount > 0) = (p.kind = 'transfer_in'))
	)
	SELECT 'each transfer took from one what it gave to another',
		(SELECT count(*) FROM bss.payment p WHERE p.at >= p_since AND p.kind IN ('transfer_out', 'transfer_in')), count(*),
		ARRAY(SELECT b.what FROM bad b ORDER BY b.at LIMIT 20)
	FROM bad;

	RETURN QUERY
	WITH bad AS MATERIALIZED (
		SELECT e.at, format('%s at %s: %s was exchanged by text %s, and no payment of %s fen for it is there', e.msisdn, e.at,
			e.gift, e.mo_id, e.credit) AS what
		FROM bss.exchange e
		WHERE e.at >= p_since AND e.credit > 0 AND NOT EXISTS (SELECT FROM bss.payment p
			WHERE p.msisdn = e.msisdn AND p.id = e.mo_id AND p.kind = 'points' AND p.amount = e.credit
			  AND p.ref = e.gift)
		UNION ALL
		SELECT p.at, format('%s at %s: payment of %s fen for points, and text %s exchanged none for %s', p.msisdn, p.at,
			p.amount, p.id, p.ref)
		FROM bss.payment p
		WHERE p.at >= p_since AND p.kind = 'points' AND NOT EXISTS (SELECT FROM bss.exchange e
			WHERE e.msisdn = p.msisdn AND e.mo_id = p.id AND e.credit = p.amount AND e.gift = p.ref)
		UNION ALL
		SELECT now(), format('%s: %s of the stock are taken, and %s were exchanged', g.code, g.taken, x.n)
		FROM bss.gift g, LATERAL (SELECT count(*) AS n FROM bss.exchange e WHERE e.gift = g.code) AS x
		WHERE g.stock IS NOT NULL AND g.taken <> x.n
	)
	SELECT 'each gift for points was given once, and taken from its stock',
		(SELECT count(*) FROM bss.exchange e WHERE e.at >= p_since), count(*),
		ARRAY(SELECT b.what FROM bad b ORDER BY b.at LIMIT 20)
	FROM bad;

	RETURN QUERY
	WITH here AS (
		SELECT e.code, e.places, e.taken, e.waiting_places, e.waiting, e.last_no
		FROM bss.event e WHERE e.starts_at >= p_since
	), list AS (
		SELECT r.event, count(*) FILTER (WHERE r.state = 'in') AS inside,
			count(*) FILTER (WHERE r.state = 'waiting') AS waiting,
			max(r.no) FILTER (WHERE r.state = 'in') AS last_in, min(r.no) FILTER (WHERE r.state = 'waiting') AS first_waiting,
			max(r.no) AS last_no
		FROM bss.registration r
		WHERE r.event IN (SELECT h.code FROM here h)
		GROUP BY r.event
	), bad AS MATERIALIZED (
		SELECT h.code, c.what
		FROM here h
		LEFT JOIN list l ON l.event = h.code,
		LATERAL (VALUES
			(coalesce(l.inside, 0) > h.places, format('%s are in, and there are %s places', l.inside, h.places)),
			(coalesce(l.inside, 0) <> h.taken, format('%s are in, and %s places are taken', coalesce(l.inside, 0), h.taken)),
			(coalesce(l.waiting, 0) > h.waiting_places, format('%s wait in %s waiting places', l.waiting, h.waiting_places)),
			(coalesce(l.waiting, 0) <> h.waiting, format('%s wait, and %s are counted', coalesce(l.waiting, 0), h.waiting)),
			(l.waiting > 0 AND l.inside < h.places, format('%s wait beside %s free places', l.waiting, h.places - l.inside)),
			(l.first_waiting < l.last_in, format('number %s waits, and number %s is in', l.first_waiting, l.last_in)),
			(l.last_no > h.last_no, format('number %s was given, and the last one is %s', l.last_no, h.last_no))
			) AS c (wrong, what)
		WHERE c.wrong
		UNION ALL
		SELECT r.event, format('number %s was given %s times', r.no, count(*))
		FROM bss.registration r
		WHERE r.event IN (SELECT h.code FROM here h)
		GROUP BY r.event, r.no HAVING count(*) > 1
	)
	SELECT 'each event has as many as there are places, and its waiting list moves up in order',
		(SELECT count(*) FROM here), count(*),
		ARRAY(SELECT format('%s: %s', b.code, b.what) FROM bad b ORDER BY b.code, b.what LIMIT 20)
	FROM bad;
END
$$;

-- All customers' affairs: for who keeps the books, not for commands.
REVOKE ALL ON FUNCTION hall_api.audit(timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.audit(timestamptz) TO hall_ops;
