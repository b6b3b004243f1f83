-- $1 triggers that were worked off.
UPDATE hall.trigger AS t SET state = 'done' WHERE t.id = ANY ($1::uuid[])
