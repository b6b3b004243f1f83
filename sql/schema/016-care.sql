-- Messages we start: what the sample billing side knows that reminders go by.  Halls and what customers thought of them,
-- agreements, dealers with their warnings and policies, invoices, services that end, who is on duty for complaints.
SET LOCAL ROLE hall_owner;

-- It gained columns: the functions' file makes it anew.
DROP FUNCTION IF EXISTS hall_api.steer(uuid);

-- bss.hall: where customers are served over a counter.
CREATE TABLE bss.hall (
	code		text COLLATE "C" CONSTRAINT hall_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL
);

-- bss.survey_answer: what a customer thought of one piece of business over a counter.
--   case_id	key of the trigger counter_transaction that reported it
--   at		when he gave the score
--   business	open | card | prepay | payment | product
--   hall, clerk	as reported; clerk is a staff code, NULL: not said
--   id		the text with the score
--   reason	why it was so low, in his words or as the number of a choice; reason_at, reason_id: that text
CREATE TABLE bss.survey_answer (
	msisdn		text COLLATE "C" NOT NULL,
	case_id		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	business	text COLLATE "C" NOT NULL CONSTRAINT survey_answer_business
			CHECK (business IN ('open', 'card', 'prepay', 'payment', 'product')),
	hall		text COLLATE "C" NOT NULL,
	clerk		text COLLATE "C",
	score		smallint NOT NULL CONSTRAINT survey_answer_score CHECK (score BETWEEN 1 AND 10),
	id		uuid NOT NULL,
	reason		text,
	reason_at	timestamptz,
	reason_id	uuid,
	CONSTRAINT survey_answer_pkey PRIMARY KEY (msisdn, case_id)
) WITH (fillfactor = 90);
CREATE INDEX survey_answer_at ON bss.survey_answer USING brin (at) WITH (autosummarize = on);

-- A customer's last transactions over a counter.
CREATE INDEX trigger_counter ON hall.trigger (msisdn, at) WHERE name = 'counter_transaction';

-- bss.agreement: contracts of customers and of partners; who has the number is told before they end.
--   renew	whether he wants a new one; NULL: he did not say; renew_at, renew_id: when, by which text
CREATE TABLE bss.agreement (
	msisdn		text COLLATE "C" NOT NULL,
	agreement	text COLLATE "C" NOT NULL,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	starts_on	date NOT NULL,
	ends_on		date NOT NULL,
	renew		boolean,
	renew_at	timestamptz,
	renew_id	uuid,
	CONSTRAINT agreement_pkey PRIMARY KEY (msisdn, agreement),
	CONSTRAINT agreement_days CHECK (starts_on <= ends_on)
) WITH (fillfactor = 90);
CREATE INDEX agreement_ends ON bss.agreement (ends_on);

-- bss.dealer: partners who sell for us; bss.dealer_contact: who is told, and who when he does not answer.
--   rank	1: the dealer himself; 2: the manager of his area; 3: the city's
CREATE TABLE bss.dealer (
	dealer		text COLLATE "C" CONSTRAINT dealer_pkey PRIMARY KEY,
	name_zh		text NOT NULL,
	name_en		text NOT NULL,
	active		boolean NOT NULL DEFAULT true
);
CREATE TABLE bss.dealer_contact (
	msisdn		text COLLATE "C" NOT NULL,
	dealer		text COLLATE "C" NOT NULL REFERENCES bss.dealer,
	rank		smallint NOT NULL CONSTRAINT dealer_contact_rank CHECK (rank BETWEEN 1 AND 3),
	CONSTRAINT dealer_contact_pkey PRIMARY KEY (msisdn, dealer)
);
CREATE INDEX dealer_contact_dealer ON bss.dealer_contact (dealer, rank);

-- bss.warning: early warnings about a dealer's business.
--   warning	YJ, the day, a number
--   key	what the system that reports calls it
--   severity	1: the dealer is told first; 2: his area's manager as well; 3: everybody
--   ack_at …	who acknowledged it, by which text, in which words
CREATE SEQUENCE bss.warning_no MAXVALUE 99999 CYCLE;
CREATE TABLE bss.warning (
	warning		text COLLATE "C" CONSTRAINT warning_pkey PRIMARY KEY,
	key		text COLLATE "C" NOT NULL CONSTRAINT warning_key UNIQUE,
	dealer		text COLLATE "C" NOT NULL REFERENCES bss.dealer,
	severity	smallint NOT NULL CONSTRAINT warning_severity CHECK (severity BETWEEN 1 AND 3),
	at		timestamptz NOT NULL,
	zh		text NOT NULL,
	en		text NOT NULL,
	ack_at		timestamptz,
	ack_by		text COLLATE "C",
	ack_id		uuid,
	ack_answer	text
) WITH (fillfactor = 85);
CREATE INDEX warning_open ON bss.warning (dealer, at) WHERE ack_at IS NULL;

-- bss.policy: what dealers must know, and confirm that they read; bss.policy_receipt: who did, by which text,
-- in which words.  One receipt a dealer.
CREATE TABLE bss.policy (
	policy		text COLLATE "C" CONSTRAINT policy_pkey PRIMARY KEY,
	zh		text NOT NULL,
	en		text NOT NULL,
	link		text NOT NULL,
	at		timestamptz NOT NULL,
	confirm_by	timestamptz NOT NULL
);
CREATE INDEX policy_at ON bss.policy (at);
CREATE TABLE bss.policy_receipt (
	dealer		text COLLATE "C" NOT NULL,
	policy		text COLLATE "C" NOT NULL,
	msisdn		text COLLATE "C" NOT NULL,
	at		timestamptz NOT NULL,
	id		uuid NOT NULL,
	answer		text,
	CONSTRAINT policy_receipt_pkey PRIMARY KEY (dealer, policy)
);

-- bss.invoice: what is to be paid for a month, and until when.
CREATE TABLE bss.invoice (
	msisdn		text COLLATE "C" NOT NULL,
	month		date NOT NULL CONSTRAINT invoice_month CHECK (extract(day FROM month) = 1),
	amount		integer NOT NULL CONSTRAINT invoice_amount CHECK (amount > 0),
	due_on		date NOT NULL,
	paid_at		timestamptz,
	CONSTRAINT invoice_pkey PRIMARY KEY (msisdn, month)
) WITH (fillfactor = 90);
CREATE INDEX invoice_due ON bss.invoice (due_on) WHERE paid_at IS NULL;

-- bss.subscription: also
--   ends_on	its last day; NULL: until it is cancelled
--   trial	it cost nothing so far
ALTER TABLE bss.subscription ADD COLUMN ends_on date, ADD COLUMN trial boolean NOT NULL DEFAULT false;
CREATE INDEX subscription_ends ON bss.subscription (ends_on) WHERE ends_on IS NOT NULL;

-- What a schedule looks for.  None of these changes when a row is used.
CREATE INDEX data_usage_month ON bss.data_usage (month);
CREATE INDEX registration_promoted ON bss.registration (promoted_at) WHERE promoted_at IS NOT NULL;

-- bss.ticket: also who took it on, when, by which text and in which words: it is not escalated for a day.
ALTER TABLE bss.ticket ADD COLUMN taken_by text COLLATE "C", ADD COLUMN taken_at timestamptz, ADD COLUMN taken_id uuid,
	ADD COLUMN taken_answer text;
CREATE INDEX ticket_answer_due ON bss.ticket (answer_by) WHERE state = 'open';
CREATE INDEX ticket_number ON bss.ticket (ticket);

-- bss.duty: who is told of complaints that become due (rank 1), and of those that stay overdue (2, 3).
CREATE TABLE bss.duty (
	msisdn		text COLLATE "C" CONSTRAINT duty_pkey PRIMARY KEY,
	rank		smallint NOT NULL CONSTRAINT duty_rank CHECK (rank BETWEEN 1 AND 3)
);

GRANT SELECT ON bss.hall, bss.survey_answer, bss.agreement, bss.dealer, bss.dealer_contact, bss.warning, bss.policy,
	bss.policy_receipt, bss.invoice, bss.duty TO hall_api_owner;
GRANT INSERT ON bss.survey_answer, bss.warning, bss.policy, bss.policy_receipt TO hall_api_owner;
GRANT UPDATE (reason, reason_at, reason_id) ON bss.survey_answer TO hall_api_owner;
GRANT UPDATE (renew, renew_at, renew_id) ON bss.agreement TO hall_api_owner;
GRANT UPDATE (ack_at, ack_by, ack_id, ack_answer) ON bss.warning TO hall_api_owner;
GRANT USAGE ON SEQUENCE bss.warning_no TO hall_api_owner;
-- To see who has not been heard of for long.
GRANT SELECT (msisdn, at, channel) ON hall.contact TO hall_api_owner;

-- bss.told: in which language a subscriber is told: as he chose, else as his contract says.
CREATE VIEW bss.told (msisdn, lang) AS
SELECT s.msisdn, coalesce(h.lang, s.lang)
FROM bss.subscriber s
LEFT JOIN hall.subscriber h ON h.msisdn = s.msisdn;
GRANT SELECT ON bss.told TO hall_api_owner;
