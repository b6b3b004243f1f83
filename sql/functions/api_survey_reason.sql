-- hall_api.survey_reason(msisdn, case, reason, mo_id, now): why a customer gave a low score.
-- Parameters: msisdn; case: the trigger's key; reason: in his words, or 1 to 4 of the choices that he was given; mo_id: the
-- text; now.
-- Result: one row.
-- Outcomes: ok (also for a text that was done before) | already (told before) | unknown_case.
-- Tables: writes bss.survey_answer.
-- Locks: the answer.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.survey_reason_outcome', 'ok', 'already', 'unknown_case');

CREATE OR REPLACE FUNCTION hall_api.survey_reason(p_msisdn text, p_case text, p_reason text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.survey_reason_outcome)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	by_mo uuid;
BEGIN
	UPDATE bss.survey_answer a
	SET reason = CASE p_reason WHEN '1' THEN '排队久' WHEN '2' THEN '态度' WHEN '3' THEN '没办好' WHEN '4' THEN '费用' ELSE p_reason END,
		reason_at = p_now, reason_id = p_mo_id
	WHERE a.msisdn = p_msisdn AND a.case_id = p_case AND a.reason IS NULL;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;
	SELECT a.reason_id INTO by_mo FROM bss.survey_answer a WHERE a.msisdn = p_msisdn AND a.case_id = p_case;
	outcome := CASE WHEN NOT FOUND THEN 'unknown_case' WHEN by_mo = p_mo_id THEN 'ok' ELSE 'already' END;
END
$$;
