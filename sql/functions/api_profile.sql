-- hall_api.profile(msisdn …): what the hall must know of the senders of a batch before it understands their texts.
-- Called once a batch.
-- Parameters: the numbers, at most some hundred.
-- Result: a row a number that is known: brand, province, lang (zh | en).
-- Tables: bss.subscriber.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.profile(p_msisdn text[])
RETURNS TABLE (msisdn text, brand text, province text, lang text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 30
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT s.msisdn, s.brand, s.province, s.lang
	FROM bss.subscriber s
	WHERE s.msisdn = ANY (p_msisdn);
END
$$;

GRANT EXECUTE ON FUNCTION hall_api.profile(text[]) TO smsd, hall_ops, hall_owner;
