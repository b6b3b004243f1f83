-- $1 now: whether any blast may have something to send, to begin or to end.
SELECT EXISTS (SELECT 1 FROM hall.blast AS b
	WHERE b.state = 'running' OR (b.state = 'approved' AND b.scheduled AND b.starts_at <= $1::timestamptz)
	   OR (b.state IN ('approved', 'paused') AND b.ends_at <= $1::timestamptz))
