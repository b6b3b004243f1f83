-- $1 instance, $2 seconds: our share of each link's rate, for that long.
SELECT l.link, l.share, l.burst FROM hall.link_lease_take($1::text, make_interval(secs => $2::integer)) AS l
