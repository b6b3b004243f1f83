-- Hourly: questions that ran out so long ago that nobody answers them any more; pauses that are over.
WITH old AS (DELETE FROM hall.dialogue WHERE until < now() - interval '7 days')
DELETE FROM hall.wrong_secret WHERE changed_at < now() - interval '2 days'
