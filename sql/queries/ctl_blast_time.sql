SELECT CASE WHEN starts_with($1, '+') THEN now() + substr($1, 2)::interval ELSE $1::timestamptz END
