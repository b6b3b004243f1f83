-- $1 who, $2 blast, $3 how many: recipients, evenly chosen; the values of their columns joined by U+001F.
SELECT r.n, r.msisdn, r.lang, r.variant, array_to_string(r.data, E'\x1f', '') FROM hall.blast_rows($1::text, $2::text, $3::integer) AS r
