-- hall.request_log(outcome, detail, request, token, who, action, target): writes down what a request to the API did.
-- Called by smsd in the statement that does it, so that both are there or neither.
-- Parameters: outcome and detail of what was done, which are returned as they are; X-Request-Id; the token, its owner;
-- method and route; which one was meant, or NULL.
-- Result: one row: outcome, detail.  Of the detail only counts are kept, no numbers and texts.
-- Tables: writes hall.request.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_log(p_outcome text, p_detail jsonb, p_request uuid, p_token integer, p_who text,
	p_action text, p_target text)
RETURNS TABLE (outcome text, detail jsonb)
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = hall, pg_temp
AS $$
	INSERT INTO hall.request (id, token, who, action, target, outcome, detail)
	VALUES (p_request, p_token, p_who, p_action, p_target, p_outcome,
		(SELECT jsonb_object_agg(d.key, d.value)
		 FROM jsonb_each(CASE jsonb_typeof(p_detail) WHEN 'object' THEN p_detail END) AS d
		 WHERE jsonb_typeof(d.value) IN ('number', 'boolean')));
	SELECT p_outcome, p_detail
$$;

REVOKE ALL ON FUNCTION hall.request_log(text, jsonb, uuid, integer, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_log(text, jsonb, uuid, integer, text, text, text) TO smsd;
