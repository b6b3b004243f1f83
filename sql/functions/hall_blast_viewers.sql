-- hall.blast_viewers(): which roles may look at blasts.
-- Called by the functions that only read.
-- Result: the names of the roles.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_viewers()
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['hall_campaign', 'hall_viewer', 'hall_ops'];

REVOKE ALL ON FUNCTION hall.blast_viewers() FROM PUBLIC;
