-- $1 subscribers, $2 times and $3 ids of the orders; $4 answers, $5 their times, $6 their ids, $7 results, $8 outcomes; $9 and $10
-- earliest and latest of the orders' times.
UPDATE hall.evidence AS e
SET answer = t.answer, answered_at = t.answered_at, answer_id = t.answer_id, result = t.result, outcome = t.outcome
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::text[], $8::text[])
	AS t (msisdn, at, id, answer, answered_at, answer_id, result, outcome)
WHERE e.msisdn = t.msisdn AND e.at = t.at AND e.id = t.id AND e.at BETWEEN $9::timestamptz AND $10::timestamptz
