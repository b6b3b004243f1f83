-- What is quick: nobody waits so long for an answer.
SET statement_timeout = '5s'
