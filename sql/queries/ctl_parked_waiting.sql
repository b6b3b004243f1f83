-- $1 ids: how many smsd has not finished with.
SELECT count(*) FROM hall.parked WHERE id = ANY ($1::uuid[]) AND state IN ('retry', 'running')
