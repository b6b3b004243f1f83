-- hall_api.quiz_answer(msisdn, quiz, answer, mo_id, now): takes an answer, one a subscriber and quiz.
-- Parameters: msisdn; quiz: NULL: as hall_api.quiz() gives it; answer: A to D; mo_id: the text; now.
-- Result: one row.  quiz; answer: his, with already the one that counts; right_answer.
-- Outcomes: right, wrong (both also for a text that was done before) | already | none (no such quiz is on).
-- Tables: bss.quiz; writes bss.quiz_answer.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.quiz_answer_outcome', 'right', 'wrong', 'already', 'none');

CREATE OR REPLACE FUNCTION hall_api.quiz_answer(p_msisdn text, p_quiz text, p_answer text, p_mo_id uuid,
	p_now timestamptz,
	OUT outcome hall_api.quiz_answer_outcome, OUT quiz text, OUT answer text, OUT right_answer text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	a bss.quiz_answer;
BEGIN
	SELECT * INTO a FROM bss.quiz_answer o
	WHERE o.msisdn = p_msisdn AND o.mo_id = p_mo_id AND o.quiz = coalesce(p_quiz, o.quiz);
	IF FOUND THEN
		quiz := a.quiz;
	ELSE
		quiz := coalesce(p_quiz, (SELECT q.quiz FROM hall_api.quiz(p_msisdn, p_now, 'zh') q));
		INSERT INTO bss.quiz_answer AS o (msisdn, quiz, answer, correct, at, mo_id)
		SELECT p_msisdn, q.code, p_answer, q.right_answer = p_answer, p_now, p_mo_id
		FROM bss.quiz q
		WHERE q.code = quiz_answer.quiz AND p_now >= q.from_at AND p_now < q.until_at
		ON CONFLICT ON CONSTRAINT quiz_answer_pkey DO NOTHING;
		SELECT * INTO a FROM bss.quiz_answer o WHERE o.msisdn = p_msisdn AND o.quiz = quiz_answer.quiz;
		IF NOT FOUND THEN
			outcome := 'none';
			RETURN;
		END IF;
	END IF;
	answer := a.answer;
	SELECT q.right_answer INTO right_answer FROM bss.quiz q WHERE q.code = quiz_answer.quiz;
	outcome := CASE WHEN a.mo_id <> p_mo_id THEN 'already' WHEN a.correct THEN 'right' ELSE 'wrong' END;
END
$$;
