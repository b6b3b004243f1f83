-- Replies: at is the MO's time, cause_id its id.
INSERT INTO hall.mt (msisdn, at, id, cause_id, port, link, receiver, text, segments, report, tip, class, sealed, cause, version,
                     instance, conn, batch)
SELECT msisdn, at, id, cause_id, port, link, receiver, text, segments, report, tip, class::hall.mt_class, sealed, 'mo', $14::int,
       $15::text, $16::smallint, $17::bigint
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::smallint[], $10::boolean[], $11::text[], $12::text[], $13::bytea[])
     AS t (msisdn, at, id, cause_id, port, link, receiver, text, segments, report, tip, class, sealed)
