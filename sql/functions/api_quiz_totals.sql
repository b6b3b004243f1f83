-- hall_api.quiz_totals(now, lang): how a quiz is going, or went.
-- Parameters: now; lang: zh | en.
-- Result: one row, of the quiz that began last: quiz, question; answers, correct: how many; share: of correct ones, as a
-- fraction; ended; right_answer: once it has ended.
-- Outcomes: ok | none (none has begun).
-- Tables: bss.quiz, bss.quiz_answer.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.quiz_totals_outcome', 'ok', 'none');

CREATE OR REPLACE FUNCTION hall_api.quiz_totals(p_now timestamptz, p_lang text,
	OUT outcome hall_api.quiz_totals_outcome, OUT quiz text, OUT question text, OUT answers bigint, OUT correct bigint,
	OUT share numeric, OUT ended boolean, OUT right_answer text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT 'ok', q.code, CASE p_lang WHEN 'en' THEN q.en ELSE q.zh END, q.until_at <= p_now,
		CASE WHEN q.until_at <= p_now THEN q.right_answer END
	INTO outcome, quiz, question, ended, right_answer
	FROM bss.quiz q
	WHERE q.from_at <= p_now
	ORDER BY q.from_at DESC, q.code
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := 'none';
		RETURN;
	END IF;
	SELECT count(*), count(*) FILTER (WHERE a.correct), round(avg(a.correct::integer), 3)
	INTO answers, correct, share
	FROM bss.quiz_answer a
	WHERE a.quiz = quiz_totals.quiz;
END
$$;
