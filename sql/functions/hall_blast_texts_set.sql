-- hall.blast_texts_set(blast, texts): what a blast says, in each variant and language.
-- Called by hall.blast_apply().  Whether each {{name}} is a column is for the caller to check, who can compile texts.
-- Parameters: the blast's number; texts: {"zh": …, "en": …}, which is variant A, or {"A": {"zh": …, "en": …}, "B": {…}}.
-- A variant that was there keeps its share; a new one has 50.
-- Result: NULL, or why not.
-- Errors: 23514 for what the tables do not take.
-- Tables: writes hall.blast_variant, hall.blast_text.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_texts_set(p_blast integer, p_texts jsonb)
RETURNS text LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
BEGIN
	IF jsonb_typeof(p_texts) <> 'object' OR p_texts = '{}' THEN
		RETURN 'a text for each language is wanted';
	END IF;
	IF NOT EXISTS (SELECT FROM jsonb_object_keys(p_texts) AS k (key) WHERE k.key NOT IN ('zh', 'en')) THEN
		p_texts := jsonb_build_object('A', p_texts);
	END IF;
	IF (SELECT count(*) FROM jsonb_object_keys(p_texts)) > 16 THEN
		RETURN 'at most 16 variants are possible';
	END IF;
	IF EXISTS (SELECT FROM jsonb_each(p_texts) AS v WHERE jsonb_typeof(v.value) <> 'object') THEN
		RETURN 'texts for both languages are wanted in each variant';
	END IF;
	IF EXISTS (SELECT FROM jsonb_each(p_texts) AS v, jsonb_each(v.value) AS t WHERE jsonb_typeof(t.value) <> 'string') THEN
		RETURN 'a text is no text';
	END IF;
	DELETE FROM hall.blast_variant v WHERE v.blast = p_blast AND NOT p_texts ? v.variant;
	DELETE FROM hall.blast_text t WHERE t.blast = p_blast;
	INSERT INTO hall.blast_variant (blast, variant, share)
	SELECT p_blast, v.key, 50 FROM jsonb_each(p_texts) AS v
	ON CONFLICT DO NOTHING;
	INSERT INTO hall.blast_text (blast, variant, lang, text)
	SELECT p_blast, v.key, t.key, t.value FROM jsonb_each(p_texts) AS v, jsonb_each_text(v.value) AS t;
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_texts_set(integer, jsonb) FROM PUBLIC;
