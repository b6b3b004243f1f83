-- hall.engine_outcomes(): what hall.mo.outcome says where the engine answered, not a command's SQL.  No command may use
-- these names (smsd/table/check.c has the same list).
-- Result: the names.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.engine_outcomes()
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['confirm', 'step', 'menu', 'need_password', 'need_otp', 'declined', 'late', 'nothing_open', 'left', 'retry',
	'gave_up', 'which_order', 'offer', 'locked', 'wrong_password', 'wrong_otp', 'no_password', 'not_for_you', 'not_now',
	'too_many', 'usage', 'unknown', 'silent', 'blocked', 'repeated', 'chat', 'error'];

GRANT EXECUTE ON FUNCTION hall.engine_outcomes() TO smsd, hall_ops, hall_api_owner, hall_viewer,
	hall_segment;	-- the view hall.contact asks it as whoever reads
