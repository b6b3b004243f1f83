-- Replies: at is the MO's time, cause_id its id.
INSERT INTO hall.mt (msisdn, at, id, class, cause, cause_id, port, link, receiver, text, segments, report, tip, version,
                     instance, conn, batch)
SELECT msisdn, at, id, 'reply', 'mo', cause_id, port, link, receiver, text, segments, report, tip, $12::int,
       $13::text, $14::smallint, $15::bigint
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::smallint[], $10::boolean[], $11::text[])
     AS t (msisdn, at, id, cause_id, port, link, receiver, text, segments, report, tip)
