-- $1 who, $2 state, or NULL: the blasts.
SELECT b.outcome, b.detail FROM hall.blast_list($1::text, $2::text) AS b
