-- hall.request_triggers(items): what a channel reports by HTTP, as with hall_api.trigger().
-- Called by smsd.
-- Parameters: an array of objects with name, key, msisdn, data; those that have an error already are passed through.
-- Result: one row: ok, and how many are new (ok), known and errors, with triggers: for each item, in its order, its key and
-- the outcome ok | known with its id, or error with the error.
-- Errors: those of hall_api.trigger.
-- Tables: writes hall.trigger.
-- Locks: rows in the order of name and key, so that two reports of the same cannot wait for each other.

SET LOCAL ROLE hall_api_owner;
GRANT EXECUTE ON FUNCTION hall_api.trigger(text, text, text, jsonb) TO hall_owner;
SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_triggers(p_items jsonb, OUT outcome text, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	items jsonb[] := ARRAY(SELECT i.value FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i ORDER BY i.ordinality);
	count_ok integer := 0;
	count_known integer := 0;
	n integer;
	done record;
BEGIN
	FOR n IN
		SELECT i.n FROM unnest(items) WITH ORDINALITY AS i (item, n)
		WHERE NOT i.item ? 'error' ORDER BY i.item->>'name', i.item->>'key', i.n
	LOOP
		SELECT t.outcome::text, t.id INTO done
		FROM hall_api.trigger(items[n]->>'name', items[n]->>'key', items[n]->>'msisdn', items[n]->'data') AS t;
		items[n] := jsonb_build_object('key', items[n]->'key', 'outcome', done.outcome, 'id', done.id);
		count_ok := count_ok + (done.outcome = 'ok')::integer;
		count_known := count_known + (done.outcome = 'known')::integer;
	END LOOP;
	outcome := 'ok';
	detail := jsonb_build_object('ok', count_ok, 'known', count_known,
		'errors', cardinality(items) - count_ok - count_known, 'triggers', to_jsonb(items));
END
$$;

REVOKE ALL ON FUNCTION hall.request_triggers(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_triggers(jsonb) TO smsd;
