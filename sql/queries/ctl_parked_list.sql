-- $1 those that are done or dropped too.  Columns as in smsd/ctl/parked.c: the error whole and short.
SELECT id, to_char(parked_at, 'YYYY-MM-DD HH24:MI:SSOF'), msisdn, port, command, state, attempt, sqlstate, text, error,
       CASE WHEN length(error) > 60 THEN left(error, 60) || '…' ELSE error END
FROM hall.parked
WHERE $1::boolean OR state IN ('parked', 'retry')
ORDER BY parked_at, id
