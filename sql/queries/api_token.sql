-- $1 hash of a token: whose it is.
SELECT t.id, t.owner, array_to_string(t.roles, ','), t.state FROM hall.token_check($1::bytea, now()) AS t
