-- install: everything in order, for people who use psql, into a database of their own:
--   createdb hall && psql -X -v ON_ERROR_STOP=1 -d hall -f sql/install.sql
-- `smsctl db install` does the same and more: it remembers which schema files it applied, applies new ones once and
-- functions whenever they changed.  Each file is one transaction.

\set ON_ERROR_STOP 1
BEGIN;
\ir roles.sql
COMMIT;
BEGIN;
\ir schema/001-hall.sql
COMMIT;
BEGIN;
\ir schema/002-bss.sql
COMMIT;
BEGIN;
\ir schema/003-grants.sql
COMMIT;
BEGIN;
\ir schema/004-audit.sql
COMMIT;
BEGIN;
\ir schema/005-repeat.sql
COMMIT;
BEGIN;
\ir functions/000_enum_type.sql
COMMIT;
BEGIN;
\ir functions/api_audit.sql
COMMIT;
BEGIN;
\ir functions/api_balance.sql
COMMIT;
BEGIN;
\ir functions/api_bill.sql
COMMIT;
BEGIN;
\ir functions/api_data_left.sql
COMMIT;
BEGIN;
\ir functions/api_event_cancel.sql
COMMIT;
BEGIN;
\ir functions/api_event_list.sql
COMMIT;
BEGIN;
\ir functions/api_event_mine.sql
COMMIT;
BEGIN;
\ir functions/api_event_signup.sql
COMMIT;
BEGIN;
\ir functions/api_event_status.sql
COMMIT;
BEGIN;
\ir functions/api_ok.sql
COMMIT;
BEGIN;
\ir functions/api_plan.sql
COMMIT;
BEGIN;
\ir functions/api_points.sql
COMMIT;
BEGIN;
\ir functions/api_profile.sql
COMMIT;
BEGIN;
\ir functions/api_recharge.sql
COMMIT;
BEGIN;
\ir functions/api_service_about.sql
COMMIT;
BEGIN;
\ir functions/api_service_catalog.sql
COMMIT;
BEGIN;
\ir functions/api_service_list.sql
COMMIT;
BEGIN;
\ir functions/api_service_off.sql
COMMIT;
BEGIN;
\ir functions/api_service_on.sql
COMMIT;
BEGIN;
\ir functions/api_vocabulary.sql
COMMIT;
BEGIN;
\ir functions/hall_audit.sql
COMMIT;
BEGIN;
\ir functions/hall_partition_ahead.sql
COMMIT;
BEGIN;
\ir functions/hall_partition_drop.sql
COMMIT;
BEGIN;
\ir functions/hall_partition_status.sql
COMMIT;
BEGIN;
\ir seed/bench.sql
COMMIT;
BEGIN;
\ir seed/demo.sql
COMMIT;
