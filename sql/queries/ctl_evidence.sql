-- $1 subscriber, $2 and $3 since and until (of the order; NULL: ever), $4 one order (NULL: all), $5 his number as it is to
-- be shown: each question before a charge, and what came of it.  Columns as in smsd/ctl/evidence.c, then all as JSON.
-- Texts and messages may be gone by now (retention): what hall.evidence itself keeps is shown all the same.
-- A reply has its MO's time; its batch tells when it was made.  It was sent once hall.sender says so (ctl_trace.sql).
WITH e AS MATERIALIZED (
    SELECT *, CASE WHEN result IS NOT NULL THEN result WHEN within_until <= now() THEN 'expired' ELSE 'open' END AS state
    FROM hall.evidence
    WHERE msisdn = $1::text AND at >= coalesce($2::timestamptz, '-infinity') AND at <= coalesce($3::timestamptz, 'infinity')
      AND ($4::uuid IS NULL OR id = $4::uuid)
), m AS (
    SELECT m.*, to_timestamp(m.batch / 1e6) AS made_at,
           CASE WHEN m.state = 'queued' AND m.batch <= s.accepted THEN 'sent' ELSE m.state::text END AS progress
    FROM hall.mt AS m LEFT JOIN hall.sender AS s ON s.instance = m.instance AND s.conn = m.conn
)
SELECT e.id, concat_ws(', ', e.state, 'asked again: order ' || n.id), $5::text,
       concat_ws(', ', e.port, 'link ' || e.link),
       concat_ws(', ', e.command, 'tables version ' || e.version, 'price version ' || e.price_version),
       concat_ws('  ', to_char(e.at, 'YYYY-MM-DD HH24:MI:SSOF'), o.text),
       concat_ws(', ', to_char(e.asked_at, 'YYYY-MM-DD HH24:MI:SSOF'),
                 concat_ws(' ', q.progress, to_char(q.reported_at, 'YYYY-MM-DD HH24:MI:SSOF')), q.why),
       e.question, to_char(e.within_until, 'YYYY-MM-DD HH24:MI:SSOF'),
       CASE WHEN e.answer_id IS NOT NULL THEN
           concat_ws('  ', to_char(e.answered_at, 'YYYY-MM-DD HH24:MI:SSOF'), e.answer) END,
       coalesce(e.outcome, a.outcome),
       CASE WHEN r.id IS NOT NULL THEN
           concat_ws(', ', to_char(r.made_at, 'YYYY-MM-DD HH24:MI:SSOF'),
                     concat_ws(' ', r.progress, to_char(r.reported_at, 'YYYY-MM-DD HH24:MI:SSOF')), r.why) END,
       r.text,
       json_build_object(
           'order', e.id, 'number', $5::text, 'state', e.state, 'result', e.result, 'outcome', e.outcome,
           'command', e.command, 'function', e.function, 'tables_version', e.version, 'price_version', e.price_version,
           'port', e.port, 'link', e.link, 'lang', e.lang,
           'ordered', json_build_object('at', e.at, 'id', e.id, 'text', o.text),
           'question', json_build_object('at', e.asked_at, 'id', e.question_mt, 'text', e.question,
                                         'segments', q.segments, 'state', q.progress, 'why', q.why,
                                         'reported_at', q.reported_at, 'answer_before', e.within_until),
           'answer', CASE WHEN e.answer_id IS NOT NULL THEN
               json_build_object('at', e.answered_at, 'id', e.answer_id, 'text', e.answer, 'command', a.command,
                                 'outcome', a.outcome) END,
           'reply', CASE WHEN r.id IS NOT NULL THEN
               json_build_object('at', r.made_at, 'id', r.id, 'text', r.text, 'segments', r.segments,
                                 'state', r.progress, 'why', r.why, 'reported_at', r.reported_at) END,
           'asked_again', n.id)
FROM e
LEFT JOIN hall.mo AS o ON o.msisdn = e.msisdn AND o.at = e.at AND o.id = e.id
LEFT JOIN m AS q ON q.msisdn = e.msisdn AND q.at = e.at AND q.id = e.question_mt
LEFT JOIN hall.mo AS a ON a.msisdn = e.msisdn AND a.at = e.answered_at AND a.id = e.answer_id
LEFT JOIN LATERAL (
    SELECT * FROM m WHERE m.msisdn = e.msisdn AND m.at = e.answered_at AND m.cause = 'mo' AND m.cause_id = e.answer_id
    ORDER BY m.batch LIMIT 1
) AS r ON true
LEFT JOIN hall.evidence AS n ON n.msisdn = e.msisdn AND n.at = e.answered_at AND n.id = e.answer_id
ORDER BY e.at, e.asked_at
