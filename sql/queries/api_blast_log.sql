-- $1 who, $2 blast: what was done with it.
SELECT b.outcome, b.detail FROM hall.blast_history($1::text, $2::text) AS b
