-- hall_api.warning_raise(key, dealer, severity, zh, en, now): takes an early warning about a dealer and has people told.
-- Whoever watches dealers calls it, not a command.
-- Parameters: key: what the caller calls it; the same key again does nothing; dealer: his code; severity: 1 the dealer is told
-- first, 2 his area's manager as well, 3 everybody at once; zh, en: what it is about, short; now.
-- Result: one row.  warning: its number.
-- Outcomes: ok | known: it was reported before | unknown_dealer.
-- Errors: 23514 when the severity is none.
-- Tables: bss.dealer; writes bss.warning, and hall.trigger (dealer_warning).
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.warning_raise_outcome', 'ok', 'known', 'unknown_dealer');

CREATE OR REPLACE FUNCTION hall_api.warning_raise(p_key text, p_dealer text, p_severity integer, p_zh text, p_en text,
	p_now timestamptz, OUT outcome hall_api.warning_raise_outcome, OUT warning text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM bss.dealer d WHERE d.dealer = p_dealer AND d.active) THEN
		outcome := 'unknown_dealer';
		RETURN;
	END IF;
	INSERT INTO bss.warning AS w (warning, key, dealer, severity, at, zh, en)
	VALUES ('YJ' || to_char(p_now AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || lpad(nextval('bss.warning_no')::text, 5, '0'), p_key,
		p_dealer, p_severity, p_now, p_zh, p_en)
	ON CONFLICT ON CONSTRAINT warning_key DO NOTHING
	RETURNING w.warning INTO warning;
	IF NOT FOUND THEN
		outcome := 'known';
		SELECT w.warning INTO warning FROM bss.warning w WHERE w.key = p_key;
		RETURN;
	END IF;
	outcome := 'ok';
	PERFORM hall_api.trigger('dealer_warning', warning, NULL, '{}');
END
$$;

REVOKE ALL ON FUNCTION hall_api.warning_raise(text, text, integer, text, text, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.warning_raise(text, text, integer, text, text, timestamptz) TO hall_channel, hall_ops;
