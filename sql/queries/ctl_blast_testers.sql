SELECT msisdn, lang FROM hall.blast_testers($1, $2::text[])
