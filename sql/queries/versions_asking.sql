-- Versions of the tables whose questions are open: the orders that wait for a yes mean what they said.  The newest few.
SELECT DISTINCT d.version FROM hall.dialogue AS d WHERE d.kind = 'confirm' AND d.until > now() ORDER BY d.version DESC LIMIT 4
