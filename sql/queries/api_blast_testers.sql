-- $1 who, $2 numbers, an array of JSON, empty for the list `test`: whom a test goes to.
SELECT t.msisdn, t.lang FROM hall.blast_testers($1::text, ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AS t
