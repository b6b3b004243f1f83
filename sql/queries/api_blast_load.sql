-- $1 request, $2 rows: recipients on their way to a blast's list.
SELECT hall.request_load($1::uuid, $2::jsonb)
