-- $1 instance, $2 connection, $3 batch, $4 how many, $5 now, $6 links with a limit, $7 how many by each: messages that nobody asked
-- for and that may go now.
SELECT d.msisdn, d.at_s, d.id, d.port, d.link, d.receiver, d.text, d.segments, d.report, d.batch, d.instance, d.conn, d.sealed,
       d.again, d.unasked
FROM hall.door_take($1::text, $2::smallint, $3::bigint, $4::integer, $5::timestamptz, $6::text[], $7::smallint[]) AS d
