-- $1 owner or id, $2 who does it.
SELECT t.outcome, t.id, t.owner FROM hall.token_revoke($1::text, $2::text) AS t
