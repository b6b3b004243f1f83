-- A raw part of a long text, kept until the others are there.  Phones use a reference again: the newest wins.
INSERT INTO hall.mo_part (msisdn, port, ref, total, n, id, at, link, coding, body)
VALUES ($1::text, $2::text, $3::int, $4::smallint, $5::smallint, $6::uuid, $7::timestamptz, $8::text, $9::smallint, $10::bytea)
ON CONFLICT (msisdn, port, ref, total, n) DO UPDATE
SET id = excluded.id, at = excluded.at, link = excluded.link, coding = excluded.coding, body = excluded.body, arrived_at = now()
