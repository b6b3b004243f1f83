SELECT n, msisdn, lang, variant, array_to_string(data, E'\x1f', '') FROM hall.blast_rows($1, $2, $3::integer)
