-- Who may use smsd's HTTP API, and what was done with it.
SET LOCAL ROLE hall_owner;

-- hall.token: who may ask the API, and for what.  The token itself is shown once, when it is made, and kept nowhere.
--   hash		SHA-256 of the token's characters
--   owner	whom a change is written down to; has one token that is not revoked
--   roles	channel: report triggers and contacts; author, approver, viewer: of blasts; admin: all of it
--   expires_at	from then on it counts no more
--   last_used_at	to the minute
CREATE TABLE hall.token (
	id		integer GENERATED ALWAYS AS IDENTITY CONSTRAINT token_pkey PRIMARY KEY,
	hash		bytea NOT NULL CONSTRAINT token_hash UNIQUE
			CONSTRAINT token_hash_length CHECK (length(hash) = 32),
	owner		text COLLATE "C" NOT NULL CONSTRAINT token_owner_name
			CHECK (owner ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$'),
	roles		text[] COLLATE "C" NOT NULL CONSTRAINT token_roles
			CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['channel', 'author', 'approver', 'viewer', 'admin']),
	made_at		timestamptz NOT NULL DEFAULT now(),
	made_by		text NOT NULL,
	expires_at	timestamptz NOT NULL,
	revoked_at	timestamptz,
	revoked_by	text,
	last_used_at	timestamptz,
	note		text
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX token_owner ON hall.token (owner) WHERE revoked_at IS NULL;

-- hall.request: each request to the API that changed something, or was refused to.
--   id		X-Request-Id of its answer, and in smsd's log
--   token	hall.token; who: its owner then
--   action	the method and the route
--   target	which one: a blast, a trigger; NULL: it is in the detail, or none
--   outcome	what the answer said
--   detail	a few words of it
CREATE TABLE hall.request (
	id		uuid NOT NULL CONSTRAINT request_pkey PRIMARY KEY,
	at		timestamptz NOT NULL DEFAULT now(),
	token		integer NOT NULL,
	who		text COLLATE "C" NOT NULL,
	action		text COLLATE "C" NOT NULL,
	target		text,
	outcome		text COLLATE "C" NOT NULL,
	detail		jsonb
);
CREATE INDEX request_at ON hall.request (at);

-- Which messages a trigger led to; answers to texts are not in it.
CREATE INDEX mt_cause ON hall.mt (cause_id) WHERE cause = 'reminder';

-- smsd holds tokens against these tables by functions only; people of hall_ops see them without the hashes.
REVOKE ALL ON hall.token, hall.request FROM smsd;
REVOKE ALL ON hall.token FROM hall_ops;
GRANT SELECT, DELETE ON hall.request TO smsd;
GRANT SELECT (id, owner, roles, made_at, made_by, expires_at, revoked_at, revoked_by, last_used_at, note) ON hall.token TO hall_ops;
GRANT SELECT ON hall.request TO hall_ops;
