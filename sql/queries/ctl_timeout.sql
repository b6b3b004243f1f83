-- $1 milliseconds: how long the statements that follow in this transaction may take.
SELECT set_config('statement_timeout', $1::text, true)
