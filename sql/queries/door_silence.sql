-- $1 how many at most, $2 now: messages of which nothing was heard in time.
SELECT hall.door_silence($1::integer, $2::timestamptz)
