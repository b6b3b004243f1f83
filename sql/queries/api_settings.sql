-- The API's connections: nobody waits so long for an answer.
SET statement_timeout = '20s'
