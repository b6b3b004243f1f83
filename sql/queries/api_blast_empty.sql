-- $1 who, $2 blast, $3 columns, an array of JSON: which of them have empty values on its list.
SELECT e.name, e.n FROM hall.blast_empty($1::text, $2::text, ARRAY(SELECT jsonb_array_elements_text($3::jsonb))) AS e
