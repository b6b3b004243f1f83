-- hall_api.vote(msisdn, poll, no, mo_id, now, lang): one vote a subscriber and poll.
-- Parameters: msisdn; poll: NULL: the one that is on and ends soonest; no: the option; mo_id: the text; now; lang: zh | en.
-- Result: one row.  poll, title; no, name: what he voted for, with already what counts; votes: of that option by now;
-- options: the highest number there is.
-- Outcomes: ok (also for a text that was done before) | already | no_such_option | none (no such poll is on).
-- Tables: bss.poll, bss.poll_option; writes bss.vote.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.vote_outcome', 'ok', 'already', 'no_such_option', 'none');

CREATE OR REPLACE FUNCTION hall_api.vote(p_msisdn text, p_poll text, p_no integer, p_mo_id uuid, p_now timestamptz,
	p_lang text,
	OUT outcome hall_api.vote_outcome, OUT poll text, OUT title text, OUT no integer, OUT name text, OUT votes bigint,
	OUT options integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	by_mo uuid;
BEGIN
	SELECT v.poll INTO poll FROM bss.vote v
	WHERE v.msisdn = p_msisdn AND v.mo_id = p_mo_id AND v.poll = coalesce(p_poll, v.poll);
	IF NOT FOUND THEN
		SELECT p.code INTO poll
		FROM bss.poll p
		WHERE p.code = coalesce(p_poll, p.code) AND p_now >= p.from_at AND p_now < p.until_at
		ORDER BY p.until_at, p.code
		LIMIT 1;
		IF NOT FOUND THEN
			outcome := 'none';
			RETURN;
		END IF;
		INSERT INTO bss.vote AS v (msisdn, poll, no, at, mo_id)
		SELECT p_msisdn, o.poll, o.no, p_now, p_mo_id
		FROM bss.poll_option o
		WHERE o.poll = vote.poll AND o.no = p_no
		ON CONFLICT ON CONSTRAINT vote_pkey DO NOTHING;
	END IF;
	SELECT CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, (SELECT max(o.no) FROM bss.poll_option o WHERE o.poll = p.code)
	INTO title, options
	FROM bss.poll p WHERE p.code = vote.poll;
	SELECT v.no, v.mo_id INTO no, by_mo FROM bss.vote v WHERE v.msisdn = p_msisdn AND v.poll = vote.poll;
	IF NOT FOUND THEN
		outcome := 'no_such_option';
		no := p_no;
		RETURN;
	END IF;
	outcome := CASE WHEN by_mo = p_mo_id THEN 'ok' ELSE 'already' END;
	SELECT CASE p_lang WHEN 'en' THEN o.name_en ELSE o.name_zh END INTO name
	FROM bss.poll_option o WHERE o.poll = vote.poll AND o.no = vote.no;
	SELECT count(*) INTO votes FROM bss.vote v WHERE v.poll = vote.poll AND v.no = vote.no;
END
$$;
