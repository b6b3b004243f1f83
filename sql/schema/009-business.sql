-- More of the sample billing side: plans to choose and to compose, numbers, family and group members, complaints,
-- check-in, news and answers to common questions, contests and coupons, staff.
--
-- Functions lock in this order: event, registration; a subscriber's own rows (plan change, hold, ticket, …); then what
-- all share (number, code, draw ticket).
SET LOCAL ROLE hall_owner;

-- bss.plan.offered: false: who has it keeps it, nobody else gets it.
ALTER TABLE bss.plan ADD COLUMN offered boolean NOT NULL DEFAULT true;

-- bss.plan_alias: other words that customers use for a plan; its code and names need none.
CREATE TABLE bss.plan_alias (
	alias		text COLLATE "C" CONSTRAINT plan_alias_pkey PRIMARY KEY,
	plan		text COLLATE "C" NOT NULL REFERENCES bss.plan
);

-- bss.plan_part: what a plan can be composed of: one choice of each part.
--   amount	MB, minutes or messages a month
--   price	fen a month
CREATE TYPE bss.part AS ENUM ('data', 'voice', 'sms');
CREATE TABLE bss.plan_part (
	part		bss.part NOT NULL,
	choice		smallint NOT NULL CONSTRAINT plan_part_choice CHECK (choice BETWEEN 1 AND 9),
	amount		integer NOT NULL,
	price		integer NOT NULL CONSTRAINT plan_part_price CHECK (price >= 0),
	CONSTRAINT plan_part_pkey PRIMARY KEY (part, choice)
);

-- bss.plan_change: who wanted which plan, from when on.  At most one of a subscriber is pending.
--   id		the text that asked for it
--   plan	the plan's code; of a composed one ZX and its three choices
--   price …	as agreed then
--   starts_on	first day of a month
--   state	pending | done | cancelled | replaced (by a later one)
--   off_id	the text that cancelled or replaced it
CREATE TABLE bss.plan_change (
	msisdn		text COLLATE "C" NOT NULL,
	id		uuid NOT NULL,
	at		timestamptz NOT NULL,
	plan		text COLLATE "C" NOT NULL,
	price		integer NOT NULL,
	data_mb		integer NOT NULL,
	voice_min	integer NOT NULL,
	sms		integer NOT NULL,
	starts_on	date NOT NULL CONSTRAINT plan_change_month CHECK (extract(day FROM starts_on) = 1),
	state		text COLLATE "C" NOT NULL DEFAULT 'pending'
			CONSTRAINT plan_change_state CHECK (state IN ('pending', 'done', 'cancelled', 'replaced')),
	off_id		uuid,
	changed_at	timestamptz NOT NULL,
	CONSTRAINT plan_change_pkey PRIMARY KEY (msisdn, id)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX plan_change_pending ON bss.plan_change (msisdn) WHERE state = 'pending';

-- bss.number: numbers that can be chosen.  A row is everybody's.
--   prepay	what must be paid in when the number is taken, in fen
--   state	free | held: for half an hour | reserved: a pick-up code was given | sold
--   held_by, hold_id, held_until	whose, by bss.number_hold; past held_until it is free again
CREATE TABLE bss.number (
	number		text COLLATE "C" CONSTRAINT number_pkey PRIMARY KEY,
	prepay		integer NOT NULL DEFAULT 0,
	state		text COLLATE "C" NOT NULL DEFAULT 'free'
			CONSTRAINT number_state CHECK (state IN ('free', 'held', 'reserved', 'sold')),
	held_by		text COLLATE "C",
	hold_id		uuid,
	held_until	timestamptz
) WITH (fillfactor = 70);
CREATE INDEX number_tail ON bss.number (reverse(number) COLLATE "C") WHERE state <> 'sold';

-- bss.number_hold: who held which number.
--   id		the text that held it
--   until	end of the hold, later of the reservation
--   code	the pick-up code; code_id the text that drew it
--   off_id	the text that gave it up
CREATE TABLE bss.number_hold (
	msisdn		text COLLATE "C" NOT NULL,
	id		uuid NOT NULL,
	number		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	until		timestamptz NOT NULL,
	state		text COLLATE "C" NOT NULL DEFAULT 'held'
			CONSTRAINT number_hold_state CHECK (state IN ('held', 'reserved', 'released', 'redeemed')),
	code		text COLLATE "C",
	code_id		uuid,
	off_id		uuid,
	changed_at	timestamptz NOT NULL,
	CONSTRAINT number_hold_pkey PRIMARY KEY (msisdn, id)
) WITH (fillfactor = 80);

-- bss.code_pool: random codes made in advance, each given out once and redeemed once; rows are never deleted.
--   pool	what they are for: pickup
--   n		order in which they are given out
--   made_at, made_by		who filled the pool
--   drawn_at, drawn_by, draw_id	which subscriber got it, by which text
--   redeemed_at, redeemed_hall, redeemed_clerk	where it was handed in
CREATE TABLE bss.code_pool (
	pool		text COLLATE "C" NOT NULL,
	code		text COLLATE "C" NOT NULL,
	n		bigint GENERATED ALWAYS AS IDENTITY,
	made_at		timestamptz NOT NULL DEFAULT now(),
	made_by		text NOT NULL DEFAULT session_user,
	drawn_at	timestamptz,
	drawn_by	text COLLATE "C",
	draw_id		uuid,
	redeemed_at	timestamptz,
	redeemed_hall	text,
	redeemed_clerk	text,
	CONSTRAINT code_pool_pkey PRIMARY KEY (pool, code),
	CONSTRAINT code_pool_drawn CHECK ((drawn_at IS NULL) = (drawn_by IS NULL) AND (drawn_at IS NULL) = (draw_id IS NULL)),
	CONSTRAINT code_pool_redeemed CHECK (redeemed_at IS NULL OR drawn_at IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX code_pool_free ON bss.code_pool (pool, n) WHERE drawn_at IS NULL;

-- bss.member: whom a subscriber has in his family or group.
--   circle	family | group
--   short	a short number within the circle
CREATE TABLE bss.member (
	msisdn		text COLLATE "C" NOT NULL,
	circle		text COLLATE "C" NOT NULL CONSTRAINT member_circle CHECK (circle IN ('family', 'group')),
	member		text COLLATE "C" NOT NULL,
	short		smallint NOT NULL,
	since		timestamptz NOT NULL,
	mo_id		uuid,
	CONSTRAINT member_pkey PRIMARY KEY (msisdn, circle, member),
	CONSTRAINT member_short UNIQUE (msisdn, circle, short)
);

-- bss.member_past: who was one; off_id the text that removed him.
CREATE TABLE bss.member_past (
	msisdn		text COLLATE "C" NOT NULL,
	circle		text COLLATE "C" NOT NULL,
	member		text COLLATE "C" NOT NULL,
	short		smallint NOT NULL,
	since		timestamptz NOT NULL,
	until		timestamptz NOT NULL,
	mo_id		uuid,
	off_id		uuid NOT NULL,
	CONSTRAINT member_past_pkey PRIMARY KEY (msisdn, off_id)
);

-- bss.ticket: complaints, suggestions and wishes to be called back.
--   ticket	TS, JY or HD, the day, a number
--   id		the text that opened it
--   answer_by	when it must be answered first; close_by when it must be settled (complaints: 15 days at most)
--   state	open | answered | closed
CREATE SEQUENCE bss.ticket_no MAXVALUE 99999 CYCLE;
CREATE TABLE bss.ticket (
	msisdn		text COLLATE "C" NOT NULL,
	ticket		text COLLATE "C" NOT NULL,
	id		uuid NOT NULL,
	kind		text COLLATE "C" NOT NULL
			CONSTRAINT ticket_kind CHECK (kind IN ('complaint', 'suggestion', 'callback')),
	at		timestamptz NOT NULL,
	text		text NOT NULL,
	answer_by	timestamptz NOT NULL,
	close_by	timestamptz NOT NULL,
	state		text COLLATE "C" NOT NULL DEFAULT 'open'
			CONSTRAINT ticket_state CHECK (state IN ('open', 'answered', 'closed')),
	answer		text,
	answered_at	timestamptz,
	answered_by	text,
	closed_at	timestamptz,
	CONSTRAINT ticket_pkey PRIMARY KEY (msisdn, ticket),
	CONSTRAINT ticket_id UNIQUE (msisdn, id)
) WITH (fillfactor = 80);
CREATE INDEX ticket_due ON bss.ticket (close_by) WHERE state <> 'closed';

-- bss.ticket_note: what the customer added to a ticket.
CREATE TABLE bss.ticket_note (
	msisdn		text COLLATE "C" NOT NULL,
	ticket		text COLLATE "C" NOT NULL,
	id		uuid NOT NULL,
	at		timestamptz NOT NULL,
	text		text NOT NULL,
	CONSTRAINT ticket_note_pkey PRIMARY KEY (msisdn, ticket, id)
);

-- bss.checkin: who was at an event.
CREATE TABLE bss.checkin (
	msisdn		text COLLATE "C" NOT NULL,
	event		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	mo_id		uuid NOT NULL,
	CONSTRAINT checkin_pkey PRIMARY KEY (msisdn, event)
);
CREATE INDEX checkin_event ON bss.checkin (event);

-- bss.news: what is told from one day to another (days in Shanghai, the last one included).
--   kind	news | offer
CREATE TABLE bss.news (
	code		text COLLATE "C" CONSTRAINT news_pkey PRIMARY KEY,
	kind		text COLLATE "C" NOT NULL CONSTRAINT news_kind CHECK (kind IN ('news', 'offer')),
	from_on		date NOT NULL,
	until_on	date NOT NULL,
	zh		text NOT NULL,
	en		text NOT NULL
);

-- bss.faq: common questions and their answers; bss.faq_word: words that customers use for what they ask about.
--   how	only in questions how something is done, and behind the word help: alone the word means something else
CREATE TABLE bss.faq (
	code		text COLLATE "C" CONSTRAINT faq_pkey PRIMARY KEY,
	from_on		date NOT NULL DEFAULT '2026-01-01',
	until_on	date NOT NULL DEFAULT '2099-12-31',
	topic_zh	text NOT NULL,
	topic_en	text NOT NULL,
	zh		text NOT NULL,
	en		text NOT NULL
);
CREATE TABLE bss.faq_word (
	word		text COLLATE "C" CONSTRAINT faq_word_pkey PRIMARY KEY,
	faq		text COLLATE "C" NOT NULL REFERENCES bss.faq,
	how		boolean NOT NULL DEFAULT false
);

-- bss.quiz: a question with four answers; right_answer is one of A to D.
CREATE TABLE bss.quiz (
	code		text COLLATE "C" CONSTRAINT quiz_pkey PRIMARY KEY,
	from_at		timestamptz NOT NULL,
	until_at	timestamptz NOT NULL,
	zh		text NOT NULL,
	en		text NOT NULL,
	right_answer	text COLLATE "C" NOT NULL CONSTRAINT quiz_answer CHECK (right_answer IN ('A', 'B', 'C', 'D'))
);

-- bss.quiz_answer: who answered what; one answer a subscriber and quiz.
CREATE TABLE bss.quiz_answer (
	msisdn		text COLLATE "C" NOT NULL,
	quiz		text COLLATE "C" NOT NULL,
	answer		text COLLATE "C" NOT NULL,
	correct		boolean NOT NULL,
	at		timestamptz NOT NULL,
	mo_id		uuid NOT NULL,
	CONSTRAINT quiz_answer_pkey PRIMARY KEY (msisdn, quiz)
);
CREATE INDEX quiz_answer_quiz ON bss.quiz_answer (quiz, correct);

-- bss.poll, bss.poll_option: what can be voted on; bss.vote: one vote a subscriber and poll.
CREATE TABLE bss.poll (
	code		text COLLATE "C" CONSTRAINT poll_pkey PRIMARY KEY,
	from_at		timestamptz NOT NULL,
	until_at	timestamptz NOT NULL,
	name_zh		text NOT NULL,
	name_en		text NOT NULL
);
CREATE TABLE bss.poll_option (
	poll		text COLLATE "C" NOT NULL REFERENCES bss.poll,
	no		integer NOT NULL,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	CONSTRAINT poll_option_pkey PRIMARY KEY (poll, no)
);
CREATE TABLE bss.vote (
	msisdn		text COLLATE "C" NOT NULL,
	poll		text COLLATE "C" NOT NULL,
	no		integer NOT NULL,
	at		timestamptz NOT NULL,
	mo_id		uuid NOT NULL,
	CONSTRAINT vote_pkey PRIMARY KEY (msisdn, poll)
);
CREATE INDEX vote_poll ON bss.vote (poll, no);

-- bss.draw: a prize draw; bss.prize: what can be won in it, and how often.
--   amount	of the coupon, in fen; valid_days from the day it is won
CREATE TABLE bss.draw (
	code		text COLLATE "C" CONSTRAINT draw_pkey PRIMARY KEY,
	from_at		timestamptz NOT NULL,
	until_at	timestamptz NOT NULL,
	name_zh		text NOT NULL,
	name_en		text NOT NULL
);
CREATE TABLE bss.prize (
	draw		text COLLATE "C" NOT NULL REFERENCES bss.draw,
	prize		text COLLATE "C" NOT NULL,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	amount		integer NOT NULL,
	valid_days	integer NOT NULL,
	number		integer NOT NULL,
	CONSTRAINT prize_pkey PRIMARY KEY (draw, prize)
);

-- bss.draw_ticket: the tickets of a draw, shuffled before it begins, drawn in order of n; rows are never deleted.
--   prize	NULL: a blank
--   coupon	the coupon's number
CREATE TABLE bss.draw_ticket (
	draw		text COLLATE "C" NOT NULL,
	n		integer NOT NULL,
	prize		text COLLATE "C",
	coupon		text COLLATE "C",
	made_at		timestamptz NOT NULL DEFAULT now(),
	made_by		text NOT NULL DEFAULT session_user,
	drawn_at	timestamptz,
	drawn_by	text COLLATE "C",
	draw_id		uuid,
	CONSTRAINT draw_ticket_pkey PRIMARY KEY (draw, n),
	CONSTRAINT draw_ticket_drawn CHECK ((drawn_at IS NULL) = (drawn_by IS NULL) AND (drawn_at IS NULL) = (draw_id IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX draw_ticket_left ON bss.draw_ticket (draw, n) WHERE drawn_at IS NULL;

-- bss.drawn: who drew on which day, and what; once a day.
CREATE TABLE bss.drawn (
	msisdn		text COLLATE "C" NOT NULL,
	draw		text COLLATE "C" NOT NULL,
	day		date NOT NULL,
	n		integer NOT NULL,
	prize		text COLLATE "C",
	at		timestamptz NOT NULL,
	mo_id		uuid NOT NULL,
	CONSTRAINT drawn_pkey PRIMARY KEY (msisdn, draw, day)
);

-- bss.coupon: what a subscriber may hand in instead of money.
--   mo_id	the text that won it; NULL: given otherwise
CREATE TABLE bss.coupon (
	msisdn		text COLLATE "C" NOT NULL,
	coupon		text COLLATE "C" NOT NULL,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	amount		integer NOT NULL,
	until_on	date NOT NULL,
	used_at		timestamptz,
	mo_id		uuid,
	CONSTRAINT coupon_pkey PRIMARY KEY (msisdn, coupon)
);

-- bss.staff: who serves customers; no names.
--   msisdn	the number from which he may ask for his points
CREATE TABLE bss.staff (
	code		text COLLATE "C" CONSTRAINT staff_pkey PRIMARY KEY,
	hall		text NOT NULL,
	msisdn		text COLLATE "C" CONSTRAINT staff_msisdn UNIQUE,
	active		boolean NOT NULL DEFAULT true
);

-- bss.staff_point: the ledger of staff points: a customer says who told him about the way he used.  Points are only
-- ever added.  One entry a transaction.
--   msisdn	the customer
--   ref	the transaction: a payment, a plan change or a registration, by the text that did it; what says which
--   id		the text that named the staff code
CREATE TABLE bss.staff_point (
	msisdn		text COLLATE "C" NOT NULL,
	ref		uuid NOT NULL,
	what		text COLLATE "C" NOT NULL,
	staff		text COLLATE "C" NOT NULL,
	points		integer NOT NULL CONSTRAINT staff_point_more CHECK (points > 0),
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	CONSTRAINT staff_point_pkey PRIMARY KEY (msisdn, ref),
	CONSTRAINT staff_point_id UNIQUE (msisdn, id)
);
CREATE INDEX staff_point_staff ON bss.staff_point (staff, at);

-- bss.event_fill(code, now): gives free places of an event to who waits, in order.  The caller holds the event's row.
CREATE FUNCTION bss.event_fill(p_code text, p_now timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
	moved integer;
BEGIN
	WITH first AS (
		SELECT r.msisdn
		FROM bss.registration r
		WHERE r.event = p_code AND r.state = 'waiting'
		ORDER BY r.no
		LIMIT (SELECT e.places - e.taken FROM bss.event e WHERE e.code = p_code)
	), up AS (
		UPDATE bss.registration r
		SET state = 'in', promoted_at = p_now, changed_at = p_now
		FROM first f
		WHERE r.msisdn = f.msisdn AND r.event = p_code
		RETURNING 1
	)
	SELECT count(*) INTO moved FROM up;
	UPDATE bss.event e SET taken = e.taken + moved, waiting = e.waiting - moved WHERE e.code = p_code AND moved > 0;
	RETURN moved;
END
$$;
GRANT EXECUTE ON FUNCTION bss.event_fill(text, timestamptz) TO hall_api_owner;

GRANT SELECT ON bss.plan_alias, bss.plan_part, bss.plan_change, bss.number, bss.number_hold, bss.code_pool, bss.member,
	bss.member_past, bss.ticket, bss.ticket_note, bss.checkin, bss.news, bss.faq, bss.faq_word, bss.quiz,
	bss.quiz_answer, bss.poll, bss.poll_option, bss.vote, bss.draw, bss.prize, bss.draw_ticket, bss.drawn, bss.coupon,
	bss.staff, bss.staff_point TO hall_api_owner;
GRANT INSERT ON bss.plan, bss.plan_change, bss.number_hold, bss.code_pool, bss.member, bss.member_past, bss.ticket,
	bss.ticket_note, bss.checkin, bss.quiz_answer, bss.vote, bss.draw_ticket, bss.drawn, bss.coupon,
	bss.staff_point TO hall_api_owner;
GRANT UPDATE (plan, plan_since) ON bss.subscriber TO hall_api_owner;
GRANT UPDATE ON bss.plan_change, bss.number, bss.number_hold, bss.code_pool, bss.ticket, bss.draw_ticket, bss.draw TO hall_api_owner;
GRANT DELETE ON bss.member TO hall_api_owner;
GRANT USAGE ON SEQUENCE bss.ticket_no TO hall_api_owner;
