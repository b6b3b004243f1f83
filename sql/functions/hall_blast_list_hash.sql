-- hall.blast_list_hash(blast): SHA-256 of a blast's list, in its order.
-- Called when a list is sealed, approved and started: any change of it gives another one.
-- Parameters: the blast's number.
-- Result: 64 hex digits.
-- Tables: hall.blast_recipient, in pieces, so that a million rows are never in memory at once.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_list_hash(p_blast integer)
RETURNS text LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
	piece CONSTANT integer := 10000;
	upto integer := coalesce((SELECT max(r.n) FROM hall.blast_recipient r WHERE r.blast = p_blast), 0);
	hash bytea := '';
	lines text;
BEGIN
	FOR low IN 1 .. upto BY piece LOOP
		SELECT string_agg(concat_ws(E'\x1f', r.n, r.msisdn, coalesce(r.lang, ''), array_to_string(r.data, E'\x1f', '')), E'\n')
		INTO lines
		FROM (SELECT x.* FROM hall.blast_recipient x
			WHERE x.blast = p_blast AND x.n >= low AND x.n < low + piece ORDER BY x.n) AS r;
		hash := sha256(hash || convert_to(coalesce(lines, ''), 'UTF8'));
	END LOOP;
	RETURN encode(sha256(hash), 'hex');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_list_hash(integer) FROM PUBLIC;
