UPDATE hall.parked SET state = 'done', changed_at = now() WHERE id = $1::uuid AND state = 'running'
