-- $1 now: whether any message that nobody asked for is due.
SELECT EXISTS (SELECT 1 FROM hall.held AS h WHERE h.due <= $1::timestamptz)
