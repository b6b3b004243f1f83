-- Who owns and who may use the tables.  What later schema files make: begin them with SET LOCAL ROLE hall_owner, so
-- that it is owned and granted as here.

DO $$
DECLARE
	r record;
BEGIN
	FOR r IN
		SELECT n.nspname, c.relname
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('hall', 'bss') AND c.relkind IN ('r', 'p')
	LOOP
		EXECUTE format('ALTER TABLE %I.%I OWNER TO hall_owner', r.nspname, r.relname);
	END LOOP;
	FOR r IN
		SELECT n.nspname, t.typname
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
		WHERE n.nspname IN ('hall', 'bss') AND t.typtype = 'e'
	LOOP
		EXECUTE format('ALTER TYPE %I.%I OWNER TO hall_owner', r.nspname, r.typname);
	END LOOP;
END
$$;
ALTER SCHEMA hall OWNER TO hall_owner;
ALTER SCHEMA bss OWNER TO hall_owner;
ALTER SCHEMA hall_api OWNER TO hall_owner;
ALTER SCHEMA hall_cmd OWNER TO hall_owner;

-- New functions are nobody's until granted: the default of PostgreSQL is everybody's.
ALTER DEFAULT PRIVILEGES FOR ROLE hall_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_api_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_command REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- smsd: the hall's own rows; commands only through the functions of hall_cmd.
GRANT USAGE ON SCHEMA hall, hall_api, hall_cmd TO smsd;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hall TO smsd;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA hall TO smsd;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_owner IN SCHEMA hall GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO smsd;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_owner IN SCHEMA hall GRANT USAGE ON SEQUENCES TO smsd;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_command IN SCHEMA hall_cmd GRANT EXECUTE ON FUNCTIONS TO smsd;

-- hall_command: to call hall_api, nothing else.  CREATE is for hall_ops, who becomes it to make a command's function.
GRANT USAGE ON SCHEMA hall_api TO hall_command;
GRANT USAGE, CREATE ON SCHEMA hall_cmd TO hall_command;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_api_owner IN SCHEMA hall_api GRANT EXECUTE ON FUNCTIONS TO hall_command;

-- hall_api_owner: the billing side, row by row; it owns the functions of hall_api and is reached only through them.
GRANT USAGE ON SCHEMA hall, bss TO hall_api_owner;
GRANT USAGE, CREATE ON SCHEMA hall_api TO hall_api_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA bss TO hall_api_owner;
GRANT UPDATE ON bss.account, bss.data_usage, bss.voucher, bss.event TO hall_api_owner;
GRANT INSERT ON bss.payment, bss.data_usage, bss.subscription_past TO hall_api_owner;
GRANT INSERT, DELETE ON bss.subscription TO hall_api_owner;
GRANT INSERT, UPDATE ON bss.registration TO hall_api_owner;

-- hall_ops: the tables' versions, parked texts, and to read what happened.
GRANT USAGE ON SCHEMA hall, hall_api, hall_cmd TO hall_ops;
GRANT SELECT ON ALL TABLES IN SCHEMA hall TO hall_ops;
GRANT INSERT, UPDATE ON hall.table_version, hall.table_file, hall.table_function TO hall_ops;
GRANT UPDATE (state, changed_at, changed_by) ON hall.parked TO hall_ops;
ALTER DEFAULT PRIVILEGES FOR ROLE hall_owner IN SCHEMA hall GRANT SELECT ON TABLES TO hall_ops;

-- hall_viewer: nothing that belongs to a customer; the console masks what it shows and asks as smsd.
GRANT USAGE ON SCHEMA hall TO hall_viewer;
GRANT SELECT ON hall.table_version, hall.table_file, hall.sender TO hall_viewer;

-- hall_channel, hall_campaign: functions of hall_api that are granted to them.
GRANT USAGE ON SCHEMA hall_api TO hall_channel, hall_campaign;
