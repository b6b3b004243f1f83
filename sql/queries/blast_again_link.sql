-- $1 instance, $2 connection, $3 subscribers, $4 times, $5 ids of messages that go again, their link having been lost: counts those
-- of blasts.
SELECT hall.blast_again_link($1::text, $2::smallint, $3::text[], $4::timestamptz[], $5::uuid[], now())
