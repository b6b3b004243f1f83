-- One array a column.  That one of these was handled before is found out here, by the unique violation: then the batch is
-- run again, asking seen.sql first.
INSERT INTO hall.mo (msisdn, at, id, port, link, text, folded, command, outcome, version, instance, conn, batch)
SELECT msisdn, at, id, port, link, text, folded, command, outcome, $10::int, $11::text, $12::smallint, $13::bigint
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[]) AS t (msisdn, at, id, port, link, text, folded, command, outcome)
