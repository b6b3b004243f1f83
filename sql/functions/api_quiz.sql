-- hall_api.quiz(msisdn, now, lang): the quiz of the day.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: one row.  quiz; question; until_at; answer, correct: what he answered.
-- Outcomes: ok | answered (before) | none (no quiz is on).
-- Tables: bss.quiz, bss.quiz_answer.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.quiz_outcome', 'ok', 'answered', 'none');

CREATE OR REPLACE FUNCTION hall_api.quiz(p_msisdn text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.quiz_outcome, OUT quiz text, OUT question text, OUT until_at timestamptz, OUT answer text,
	OUT correct boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	-- One that he has not answered comes first, then the one that ends soonest.
	SELECT CASE WHEN a.quiz IS NULL THEN 'ok' ELSE 'answered' END, q.code,
		CASE p_lang WHEN 'en' THEN q.en ELSE q.zh END, q.until_at, a.answer, a.correct
	INTO outcome, quiz, question, until_at, answer, correct
	FROM bss.quiz q
	LEFT JOIN bss.quiz_answer a ON a.msisdn = p_msisdn AND a.quiz = q.code
	WHERE p_now >= q.from_at AND p_now < q.until_at
	ORDER BY a.quiz IS NULL DESC, q.until_at, q.code
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := 'none';
	END IF;
END
$$;
