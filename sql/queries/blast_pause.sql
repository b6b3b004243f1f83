-- $1 blast, $2 why: smsd cannot send it.
SELECT p.outcome FROM hall.blast_pause('smsd', $1::text, $2::text) AS p
