-- roles: who may do what, for the whole database.  Run by a superuser, in the hall's database, before schema/ and after
-- every upgrade; running it again is harmless.  It makes roles (they belong to the cluster), gives no passwords
-- (pg_hba.conf decides how they log in) and takes from PUBLIC the built-in functions that a command's SQL could hurt
-- a whole batch with.
--
--   smsd		the daemon: the hall's own rows, and the functions in hall_cmd
--   hall_command	owns the functions in hall_cmd: what a command's SQL may do is what this role may do,
--			which is to call hall_api
--   hall_ops		operations staff: command tables; may become hall_command to check and create functions
--   hall_campaign, hall_viewer, hall_channel	blasts; the console's readers; other channels of the business
--   hall_author, hall_approver	of hall_campaign: who writes blasts, and who approves what others wrote
--   hall_segment	what the query that chooses who gets a blast may read: the views of the schema segment
--   hall_owner		owns the tables and what makes and drops their partitions
--   hall_api_owner	owns the functions in hall_api: what they may do is what this role may do, on bss

DO $$
DECLARE
	r record;
BEGIN
	FOR r IN
		SELECT v.name, v.option
		FROM (VALUES ('smsd', 'LOGIN'), ('hall_ops', 'LOGIN'), ('hall_command', 'NOLOGIN'),
			('hall_campaign', 'NOLOGIN'), ('hall_viewer', 'NOLOGIN'), ('hall_channel', 'NOLOGIN'),
			('hall_owner', 'NOLOGIN'), ('hall_api_owner', 'NOLOGIN'),
			('hall_author', 'NOLOGIN'), ('hall_approver', 'NOLOGIN'), ('hall_segment', 'NOLOGIN')) AS v (name, option)
		WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v.name)
	LOOP
		EXECUTE format('CREATE ROLE %I %s', r.name, r.option);
	END LOOP;
END
$$;

DO $$
BEGIN
	IF NOT pg_has_role('hall_ops', 'hall_command', 'MEMBER') THEN
		GRANT hall_command TO hall_ops;
	END IF;
	IF NOT pg_has_role('hall_author', 'hall_campaign', 'MEMBER') THEN
		GRANT hall_campaign TO hall_author;
	END IF;
	IF NOT pg_has_role('hall_author', 'hall_segment', 'MEMBER') THEN
		GRANT hall_segment TO hall_author;
	END IF;
	IF NOT pg_has_role('hall_approver', 'hall_campaign', 'MEMBER') THEN
		GRANT hall_campaign TO hall_approver;
	END IF;
END
$$;

-- A smsd that was stopped in the middle of a batch holds its senders' locks: let them go.
ALTER ROLE smsd SET idle_in_transaction_session_timeout = '5s';
-- PostgreSQL's messages quote values, a customer's voucher among them; smsd logs its errors itself, with secrets hidden.
ALTER ROLE smsd SET log_min_messages = 'log';
-- A batch's statements are prepared, short, and look for keys.  A plan made while a table was nearly empty would scan
-- it for as long as it grows, until the next ANALYZE.
ALTER ROLE smsd SET jit = off;
ALTER ROLE smsd SET enable_seqscan = off;

-- The built-ins are a matter of each database.  set_config: a query could switch synchronous_commit off for the whole
-- batch.  Advisory locks are smsd's.  Sleeping holds a connection and the locks of up to a batch of customers.
-- pg_notify in the commit path costs two thirds of the rate.  Large objects and logical messages are writes that
-- transaction_read_only or the absence of a grant would not stop everywhere; an exported snapshot holds back vacuum.
DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN
		SELECT p.oid
		FROM pg_proc p
		WHERE p.pronamespace = 'pg_catalog'::regnamespace
		  AND (p.proname IN ('set_config', 'setseed', 'pg_notify', 'loread', 'lowrite', 'pg_export_snapshot',
				'pg_logical_emit_message', 'pg_cancel_backend', 'pg_terminate_backend')
			OR p.proname LIKE 'pg\_advisory%' OR p.proname LIKE 'pg\_try\_advisory%'
			OR p.proname LIKE 'pg\_sleep%' OR p.proname LIKE 'lo\_%')
	LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
	END LOOP;
	FOR f IN
		SELECT p.oid
		FROM pg_proc p
		WHERE p.pronamespace = 'pg_catalog'::regnamespace
		  AND (p.proname LIKE 'pg\_advisory%' OR p.proname LIKE 'pg\_try\_advisory%' OR p.proname = 'pg_notify')
	LOOP
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO smsd, hall_owner', f);
	END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION pg_notify(text, text), set_config(text, text, boolean) TO hall_ops;
