-- Hourly: windows long over.  A day more than the longest window, for texts that arrive late.
DELETE FROM hall.repeat WHERE until < now() - interval '1 day'
