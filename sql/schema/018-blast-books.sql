-- The books of blasts and reminders: what was sent twice perhaps, and why; what became of each row.
SET LOCAL ROLE hall_owner;

-- hall.blast_again.why: restart: a smsd found them committed and perhaps not sent when it began anew, or took over from one
-- that died; link: a gateway's connection was lost before it had acknowledged them.
ALTER TABLE hall.blast_again ADD COLUMN why text COLLATE "C" NOT NULL DEFAULT 'restart'
	CONSTRAINT blast_again_why CHECK (why IN ('restart', 'link'));
ALTER TABLE hall.blast_again DROP CONSTRAINT blast_again_pkey,
	ADD CONSTRAINT blast_again_pkey PRIMARY KEY (blast, at, instance, conn, why);

-- hall.reminder_run.repeats: rows that became no message because once_per says so; NULL: of runs from before this was counted.
-- So of a run that is done, rows = messages + lost + repeats.
ALTER TABLE hall.reminder_run ADD COLUMN repeats integer;
ALTER TABLE hall.reminder_run ALTER COLUMN repeats SET DEFAULT 0;
