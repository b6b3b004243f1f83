-- hall.blast_row_why(msisdn, lang, data, columns): what is wrong with a row of a list, by itself.
-- Called by hall.blast_recipients_add(), a row a call: it is inlined.
-- Parameters: as in hall.blast_load; how many columns there must be.
-- Result: number: not in the hall's one form, 11 digits at home, + and E.164 abroad; lang; columns: too many or too few;
-- characters: control characters in a value; NULL: nothing.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_row_why(p_msisdn text, p_lang text, p_data text[], p_columns integer)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE	-- IMMUTABLE it would not be inlined, for array_to_string() is not
AS $$
	SELECT CASE
		-- Nearly all are numbers at home, and regular expressions are slow.
		WHEN (length(p_msisdn) = 11 AND p_msisdn COLLATE "C" >= '13' AND p_msisdn COLLATE "C" < '1:'
			AND translate(p_msisdn, '0123456789', '') = '') IS NOT TRUE
			AND (p_msisdn ~ '^\+[1-9][0-9]{6,14}$' AND p_msisdn NOT LIKE '+86%') IS NOT TRUE THEN 'number'
		WHEN p_lang NOT IN ('zh', 'en') THEN 'lang'
		WHEN coalesce(cardinality(p_data), 0) <> p_columns THEN 'columns'
		WHEN p_columns > 0 AND array_to_string(p_data, '') ~ '[\x01-\x1f\x7f]' THEN 'characters'
		END
$$;

REVOKE ALL ON FUNCTION hall.blast_row_why(text, text, text[], integer) FROM PUBLIC;
