-- $1 name, $2 subscriber, $3 data: a trigger as if it were reported; in a transaction that is rolled back.
SELECT t.id FROM hall_api.trigger($1::text, 'smsctl remind try ' || gen_random_uuid()::text, $2::text, coalesce($3::jsonb, '{}')) AS t
