SELECT msisdn, wording, segments, state, why FROM hall.blast_tested($1::uuid)
