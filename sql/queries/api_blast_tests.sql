-- $1 who, $2 blast: its last tests.
SELECT b.outcome, b.detail FROM hall.blast_tests($1::text, $2::text) AS b
