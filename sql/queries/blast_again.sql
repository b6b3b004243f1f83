-- $1 instance, $2 connection: counts messages of blasts that are perhaps sent again now.
SELECT hall.blast_again($1::text, $2::smallint, now())
