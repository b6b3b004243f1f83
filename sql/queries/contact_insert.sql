INSERT INTO hall.contact (msisdn, at, id, channel, business, outcome)
SELECT msisdn, at, id, 'sms', business, outcome
FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[]) AS t (msisdn, at, id, business, outcome)
