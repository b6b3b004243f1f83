-- What may take its time, but not for ever.
SET statement_timeout = '30s'
