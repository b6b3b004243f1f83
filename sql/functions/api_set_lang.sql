-- hall_api.set_lang(msisdn, lang): the language in which the customer is answered from now on, this answer included.
-- Parameters: msisdn; lang: zh | en.
-- Result: one row.  reply_lang: the language of the answer.
-- Outcomes: ok | unknown_language.
-- Tables: writes hall.subscriber.
-- Locks: the subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.set_lang_outcome', 'ok', 'unknown_language');

CREATE OR REPLACE FUNCTION hall_api.set_lang(p_msisdn text, p_lang text,
	OUT outcome hall_api.set_lang_outcome, OUT reply_lang text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	IF p_lang IS NULL OR p_lang NOT IN ('zh', 'en') THEN
		outcome := 'unknown_language';
		RETURN;
	END IF;
	INSERT INTO hall.subscriber AS s (msisdn, lang)
	VALUES (p_msisdn, p_lang)
	ON CONFLICT (msisdn) DO UPDATE SET lang = excluded.lang, changed_at = now()
	WHERE s.lang IS DISTINCT FROM excluded.lang;
	outcome := 'ok';
	reply_lang := p_lang;
END
$$;
