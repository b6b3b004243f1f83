-- hall_api.warning_ack(msisdn, warning, answer, mo_id, now, lang): somebody who was told of a warning sees to it.
-- Parameters: msisdn; warning; answer: how he said so, kept; mo_id: the text; now; lang: zh | en.
-- Result: one row.  warning, dealer (his name); ack_at, ack_by: when and who, if it was somebody else.
-- Outcomes: ok (also for a text that was done before) | already (ack_by, ack_at) | unknown_warning (none, or of no dealer of
-- his).
-- Tables: bss.dealer, bss.dealer_contact; writes bss.warning.
-- Locks: the warning.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.warning_ack_outcome', 'ok', 'already', 'unknown_warning');

CREATE OR REPLACE FUNCTION hall_api.warning_ack(p_msisdn text, p_warning text, p_answer text, p_mo_id uuid, p_now timestamptz,
	p_lang text,
	OUT outcome hall_api.warning_ack_outcome, OUT warning text, OUT dealer text, OUT ack_at timestamptz, OUT ack_by text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	by_mo uuid;
BEGIN
	UPDATE bss.warning w
	SET ack_at = p_now, ack_by = p_msisdn, ack_id = p_mo_id, ack_answer = p_answer
	WHERE w.warning = p_warning AND w.ack_at IS NULL
	  AND EXISTS (SELECT FROM bss.dealer_contact c WHERE c.msisdn = p_msisdn AND c.dealer = w.dealer);
	SELECT CASE p_lang WHEN 'en' THEN d.name_en ELSE d.name_zh END, w.ack_at, w.ack_by, w.ack_id
	INTO dealer, ack_at, ack_by, by_mo
	FROM bss.warning w
	JOIN bss.dealer d ON d.dealer = w.dealer
	JOIN bss.dealer_contact c ON c.msisdn = p_msisdn AND c.dealer = w.dealer
	WHERE w.warning = p_warning;
	outcome := CASE WHEN NOT FOUND THEN 'unknown_warning' WHEN by_mo = p_mo_id THEN 'ok' ELSE 'already' END;
	warning := p_warning;
END
$$;
