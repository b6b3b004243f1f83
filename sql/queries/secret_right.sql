-- $1 sender: his wrong secrets are forgotten.
DELETE FROM hall.wrong_secret AS w WHERE w.msisdn = $1
