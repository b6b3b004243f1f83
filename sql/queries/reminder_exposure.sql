-- $1 reminder, $2 version of the tables, $3 channels, $4 subscribers, $5 ids, $6 whether each is of the control group, $7 when: whom it
-- steers where.
SELECT hall.exposure_put('reminder', $1::text, $2::integer, $3::text[], $4::text[], $5::uuid[], $6::boolean[], $7::timestamptz)
