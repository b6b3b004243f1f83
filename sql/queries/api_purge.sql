-- $1 days: what the API needs no more is forgotten.
SELECT hall.request_tidy($1::integer)
