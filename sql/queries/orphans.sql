-- $1 this instance, $2 how many connections it has.  Connections with MTs that were perhaps never sent, of other
-- instances (a taken lock will tell the live ones) or of an earlier life with more connections.
SELECT s.instance, s.conn FROM hall.sender AS s
WHERE s.accepted < s.last_batch AND (s.instance <> $1::text OR s.conn >= $2::smallint)
