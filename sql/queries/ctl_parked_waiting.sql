-- $1 ids: how many smsd has not tried yet.
SELECT count(*) FROM hall.parked WHERE id = ANY ($1::uuid[]) AND state = 'retry'
