-- $1 instance, which ends: what it had leased of blasts is anybody's.
SELECT hall.blast_leave($1::text)
