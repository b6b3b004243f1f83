SELECT n, msisdn, lang, variant, state, why, sent_at, reported_at FROM hall.blast_export($1, $2, $3::boolean)
