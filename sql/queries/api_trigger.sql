-- $1 name, $2 key: what became of a trigger.
SELECT t.outcome, t.detail FROM hall.request_trigger($1::text, $2::text) AS t
