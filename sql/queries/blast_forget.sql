-- $1 days: lists of blasts that were over so long ago.
SELECT hall.blast_forget($1::integer)
