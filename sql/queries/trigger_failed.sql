-- $1 trigger, $2 why.
UPDATE hall.trigger AS t SET state = 'failed', why = $2 WHERE t.id = $1::uuid
