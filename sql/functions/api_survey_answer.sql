-- hall_api.survey_answer(msisdn, case, score, mo_id, now, lang): how a customer judged what was done for him over a counter.
-- Parameters: msisdn; case: the trigger's key; score: 1 to 10, as digits or a Chinese numeral, perhaps with 分; 满分 is 10;
-- mo_id: the text; now; lang: zh | en.
-- Result: one row.  case_id; score; hall.
-- Outcomes: ok | low (below 7: he is asked why) (both also for a text that was done before) | already (judged before;
-- score: what he gave then) | no_score | unknown_case (not his, or none that is asked about).
-- Tables: hall.trigger, bss.hall; writes bss.survey_answer.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.survey_answer_outcome', 'ok', 'low', 'already', 'no_score', 'unknown_case');

CREATE OR REPLACE FUNCTION hall_api.survey_answer(p_msisdn text, p_case text, p_score text, p_mo_id uuid, p_now timestamptz,
	p_lang text,
	OUT outcome hall_api.survey_answer_outcome, OUT case_id text, OUT score smallint, OUT hall text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	given smallint := CASE
		WHEN p_score ~ '^(10|[1-9])分?$' THEN substring(p_score FROM '^[0-9]+')::smallint
		WHEN p_score ~ '^[一二三四五六七八九十]分?$' THEN strpos('一二三四五六七八九十', left(p_score, 1))
		WHEN p_score = '满分' THEN 10 END;
	by_mo uuid;
BEGIN
	case_id := p_case;
	IF given IS NULL THEN
		outcome := 'no_score';
		RETURN;
	END IF;
	INSERT INTO bss.survey_answer AS a (msisdn, case_id, at, business, hall, clerk, score, id)
	SELECT t.msisdn, t.key, p_now, t.data ->> 'business', t.data ->> 'hall', t.data ->> 'clerk', given, p_mo_id
	FROM hall.trigger t
	WHERE t.name = 'counter_transaction' AND t.key = p_case AND t.msisdn = p_msisdn
	  AND hall_api.tell_business(t.data ->> 'business', p_lang) IS NOT NULL AND t.data ->> 'hall' IS NOT NULL
	ON CONFLICT ON CONSTRAINT survey_answer_pkey DO NOTHING;
	SELECT a.score, a.id, CASE p_lang WHEN 'en' THEN h.name_en ELSE h.name_zh END
	INTO score, by_mo, hall
	FROM bss.survey_answer a
	LEFT JOIN bss.hall h ON h.code = a.hall
	WHERE a.msisdn = p_msisdn AND a.case_id = p_case;
	outcome := CASE WHEN NOT FOUND THEN 'unknown_case' WHEN by_mo <> p_mo_id THEN 'already' WHEN score < 7 THEN 'low' ELSE 'ok' END;
END
$$;
