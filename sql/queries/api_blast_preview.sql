-- $1 who, $2 blast, $3 when, $4 messages a second that the door gives, $5 how many are looked at: what it would do.
SELECT b.outcome, b.detail FROM hall.blast_preview($1::text, $2::text, $3::timestamptz, $4::integer, $5::integer) AS b
