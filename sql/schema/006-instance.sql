-- hall.instance: the smsd of this database, and which version of the tables each has in force.
--   seen_at	it says so every few seconds while it runs; older than half a minute means it is gone
SET LOCAL ROLE hall_owner;

CREATE TABLE hall.instance (
	instance	text COLLATE "C" CONSTRAINT instance_pkey PRIMARY KEY,
	version		integer NOT NULL,
	since		timestamptz NOT NULL DEFAULT now(),
	seen_at		timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);
