-- hall.blast_langs(msisdn …, lang …): in which language each is written to whose list does not say.
-- Called by hall.blast_take() and hall.blast_preview().
-- Parameters: numbers; their languages, NULL where not said.
-- Result: the languages: the one that the subscriber chose, else the one that billing knows, else zh.
-- Tables: hall.subscriber, and those of hall_api.profile().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_langs(p_msisdn text[], p_lang text[])
RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
AS $$
BEGIN
	RETURN (SELECT array_agg(coalesce(t.lang, s.lang, p.lang, 'zh') ORDER BY t.n)
		FROM unnest(p_msisdn, p_lang) WITH ORDINALITY AS t (msisdn, lang, n)
		LEFT JOIN hall.subscriber s ON t.lang IS NULL AND s.msisdn = t.msisdn
		LEFT JOIN hall_api.profile(p_msisdn) p ON t.lang IS NULL AND p.msisdn = t.msisdn);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_langs(text[], text[]) FROM PUBLIC;
