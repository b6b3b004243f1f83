-- $1 days: what is older goes.  The clock's day, at the moment of the call.
SELECT hall.partition_drop(make_interval(days => $1::int))
