-- $1 subscribers, $2 commands: what those commands did was undone; so it may be done again.
DELETE FROM hall.repeat AS r USING unnest($1::text[], $2::text[]) AS t (msisdn, command)
WHERE r.msisdn = t.msisdn AND r.command = t.command
