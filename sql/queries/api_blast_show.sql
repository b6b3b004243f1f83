-- $1 who, $2 blast.
SELECT b.outcome, b.detail FROM hall.blast_show($1::text, $2::text) AS b
