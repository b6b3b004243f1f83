/* api_route - see api_route.h. */
#include "admin/api_route.h"

#include <stdio.h>

enum { KB = 1024, MB = 1024 * KB };

static const struct api_field trigger_fields[] = {
	{ "name", API_NAME, true, 1, 60, .about = "what happened: what the `on:` of a reminder waits for" },
	{ "key", API_TEXT, true, 1, 200, .about = "which one, in the channel's own words: the same again is the same event" },
	{ "msisdn", API_MSISDN, .about = "whom it concerns; without it, nobody in particular" },
	{ "data", API_OBJECT, .max = 8 * KB, .about = "whatever else the reminder should know" },
	{ 0 },
};

static const struct api_field contact_fields[] = {
	{ "msisdn", API_MSISDN, true, .about = "who used the channel" },
	{ "channel", API_NAME, true, 1, 32, .about = "counter, hotline, web, app, kiosk or another, in small letters; not sms" },
	{ "business", API_TEXT, false, 1, 60, .about = "what it was about" },
	{ "key", API_TEXT, true, 1, 200, .about = "which use, in the channel's own words: the same again is the same use" },
	{ "at", API_TIME, .about = "when; without it, now" },
	{ 0 },
};

#define BLAST_REST \
	{ "class", API_TEXT, false, 1, 20, .choices = "service|notice|commercial|otp", \
	  .about = "decides hours, caps, consent and the port" }, \
	{ "columns", API_LIST, false, 0, 60, .about = "of the recipients, beside msisdn and lang: what texts may name" }, \
	{ "texts", API_OBJECT, .max = 256 * KB, .about = "{zh, en}, or that for each variant; {{column}} stands for a value" }, \
	{ "variants", API_OBJECT, .max = 4 * KB, .about = "the share of each variant, as {A: 50, B: 50}" }, \
	{ "control", API_INT, false, 0, 90, .about = "percent of the recipients that are never sent it, to compare with" }, \
	{ "port", API_TEXT, false, 3, 20, .about = "an extension of the class's own" }, \
	{ "rate", API_INT, false, 1, 100000, .about = "messages a second at most" }, \
	{ "spread", API_TEXT, false, 1, 40, .about = "evenly over so long, as 3 days" }, \
	{ "starts_at", API_TIME, .about = "not before" }, \
	{ "ends_at", API_TIME, .about = "what did not go by then never goes" }, \
	{ "over_cap", API_TEXT, false, 1, 10, .choices = "hold|drop", .about = "who had his share already: later, or never" }, \
	{ "steers", API_TEXT, false, 1, 32, .about = "the channel that it steers to, to measure what it does" }, \
	{ "note", API_TEXT, false, 0, 1000, .about = "for people" }, \
	{ 0 },

static const struct api_field blast_new_fields[] = {
	{ "name", API_NAME, true, 1, 64, .about = "a letter, then letters, digits, - and _" },
	BLAST_REST
};
static const struct api_field blast_edit_fields[] = {
	{ "name", API_NAME, false, 1, 64, .about = "a letter, then letters, digits, - and _" },
	BLAST_REST
};
static const struct api_field hash_fields[] = {
	{ "hash", API_TEXT, true, 1, 80, .about = "content_hash of the blast as it was looked at" },
	{ 0 },
};
static const struct api_field why_fields[] = {
	{ "why", API_TEXT, false, 1, 500, .about = "for the record" },
	{ 0 },
};
static const struct api_field start_fields[] = {
	{ "at", API_TIME, .about = "when; without it at its starts_at, or now" },
	{ 0 },
};
static const struct api_field schedule_fields[] = {
	{ "at", API_TIME, true, .about = "when it begins" },
	{ 0 },
};
static const struct api_field test_fields[] = {
	{ "numbers", API_LIST, false, 1, 20, .about = "subscribers' numbers; without them the list `test`" },
	{ 0 },
};
static const struct api_field rate_fields[] = {
	{ "rate", API_INT, false, 1, 100000, .about = "messages a second at most; without it whatever the door gives" },
	{ 0 },
};
static const struct api_field list_args[] = {
	{ "state", API_TEXT, false, 1, 20,
	  .choices = "draft|submitted|approved|running|paused|done|cancelled|expired", .about = "only those" },
	{ 0 },
};
static const struct api_field preview_args[] = {
	{ "now", API_TIME, .about = "as if it were then" },
	{ "rate", API_INT, false, 1, 100000, .about = "messages a second that the door gives; without it as smsd is set" },
	{ "most", API_INT, false, 1, 10000000, .about = "look at so many recipients, evenly chosen; 50000 unless said" },
	{ "price", API_NUMBER, false, 0, 1000000, .about = "of a segment: then `cost` tells what all would cost" },
	{ "sample", API_INT, false, 0, 200, .about = "so many whole messages, evenly chosen; 10 unless said" },
	{ 0 },
};
static const struct api_field recipient_fields[] = {
	{ "recipients", API_LIST, true, 1, 200000, .about = "objects with msisdn, perhaps lang, and a text for each column" },
	{ 0 },
};
static const struct api_field upload_args[] = {
	{ "bad", API_TEXT, false, 1, 10, .choices = "keep|refuse", .about = "keep the good rows, or refuse all (so unless said)" },
	{ "list", API_TEXT, false, 1, 10, .choices = "add|replace", .about = "add to its list (so unless said), or replace it" },
	{ "shown", API_INT, false, 0, 10000, .about = "tell so many bad rows one by one, 20 unless said" },
	{ 0 },
};
static const struct api_field segment_fields[] = {
	{ "sql", API_TEXT, true, 1, 20000,
	  .about = "one SELECT over the views of the schema segment: msisdn, perhaps lang, and each of the blast's columns" },
	{ 0 },
};
static const struct api_field export_args[] = {
	{ "from", API_INT, false, 1, 2000000000, .about = "the first recipient: what `next` said" },
	{ "most", API_INT, false, 1, 20000, .about = "how many, 10000 unless said" },
	{ 0 },
};

enum { AUTHOR = ROLE_AUTHOR, APPROVER = ROLE_APPROVER, BOTH = ROLE_AUTHOR | ROLE_APPROVER, LOOK = BOTH | ROLE_VIEWER };
#define LOGGED "request token who action target"

static const struct route routes[] = {
	{ API_GET, "/api/v1", 0, DOES_DESCRIBE, .status = 200, .about = "this description" },
	{ API_POST, "/api/v1/triggers", ROLE_CHANNEL, DOES_QUERY, Q_API_TRIGGERS, LOGGED " items",
	  .body = trigger_fields, .bulk = "triggers", .body_max = 2 * MB, .status = 200,
	  .about = "report that something happened, or up to 1000 such things, so that reminders may follow" },
	{ API_GET, "/api/v1/triggers/{name}/{key}", ROLE_CHANNEL | ROLE_VIEWER, DOES_QUERY, Q_API_TRIGGER, "path.0 path.1",
	  .status = 200, .about = "what became of it, and the messages that it led to" },
	{ API_POST, "/api/v1/contacts", ROLE_CHANNEL, DOES_QUERY, Q_API_CONTACTS, LOGGED " items body.atomic",
	  .body = contact_fields, .bulk = "contacts", .body_max = 2 * MB, .status = 200,
	  .about = "report that a customer used another channel, or up to 1000 such uses, to measure what steering does" },
	{ API_GET, "/api/v1/blasts", LOOK, DOES_QUERY, Q_API_BLAST_LIST, "who query.state", .args = list_args, .status = 200,
	  .about = "all blasts, the newest first" },
	{ API_POST, "/api/v1/blasts", AUTHOR, DOES_QUERY, Q_API_BLAST_NEW, LOGGED " body", .body = blast_new_fields,
	  .body_max = 512 * KB, .status = 201, .about = "begin a blast" },
	{ API_GET, "/api/v1/blasts/{blast}", LOOK, DOES_QUERY, Q_API_BLAST_SHOW, "who path.0", .status = 200,
	  .about = "all that it consists of" },
	{ API_PATCH, "/api/v1/blasts/{blast}", AUTHOR, DOES_EDIT, Q_API_BLAST_EDIT, LOGGED " body", .body = blast_edit_fields,
	  .body_max = 512 * KB, .status = 200, .about = "change it; what was approved needs a new approval" },
	{ API_POST, "/api/v1/blasts/{blast}/recipients", AUTHOR, DOES_UPLOAD, Q_API_BLAST_ADD, LOGGED " request query.bad query.shown query.list",
	  .body = recipient_fields, .args = upload_args, .body_max = 16 * MB, .status = 200, .slow = true,
	  .about = "put people on its list: CSV up to 16 MB, JSON up to 2 MB; smsctl blast takes larger ones" },
	{ API_POST, "/api/v1/blasts/{blast}/segment", AUTHOR, DOES_QUERY, Q_API_BLAST_SEGMENT, LOGGED " body.sql query.bad query.shown query.list",
	  .body = segment_fields, .args = upload_args, .body_max = 64 * KB, .status = 200, .slow = true,
	  .about = "put on its list whom a query chooses, up to 500000 people; it reads nothing but the views of segment" },
	{ API_POST, "/api/v1/blasts/{blast}/recipients/clear", AUTHOR, DOES_QUERY, Q_API_BLAST_CLEAR, LOGGED, .status = 200,
	  .slow = true, .about = "empty its list" },
	{ API_GET, "/api/v1/blasts/{blast}/preview", LOOK, DOES_PREVIEW, Q_API_BLAST_PREVIEW,
	  "who path.0 query.now rate most", .args = preview_args, .status = 200, .slow = true,
	  .about = "what it would do if it were sent: who would get it, who not and why, messages, segments, cost, until when" },
	{ API_POST, "/api/v1/blasts/{blast}/test", BOTH, DOES_TEST, Q_API_BLAST_TEST, LOGGED " made port", .body = test_fields,
	  .status = 200, .slow = true, .about = "send it to staff, at most 20 messages; it needs no approval, and no report counts it" },
	{ API_GET, "/api/v1/blasts/{blast}/tests", LOOK, DOES_QUERY, Q_API_BLAST_TESTS, "who path.0", .status = 200,
	  .about = "what became of the messages of its last tests" },
	{ API_POST, "/api/v1/blasts/{blast}/submit", AUTHOR, DOES_SUBMIT, Q_API_BLAST_SUBMIT, LOGGED, .status = 200, .slow = true,
	  .about = "it is complete: somebody else may approve it" },
	{ API_POST, "/api/v1/blasts/{blast}/approve", APPROVER, DOES_QUERY, Q_API_BLAST_APPROVE, LOGGED " body.hash",
	  .body = hash_fields, .status = 200, .about = "it may go as it was looked at; not by who wrote it" },
	{ API_POST, "/api/v1/blasts/{blast}/reject", BOTH, DOES_QUERY, Q_API_BLAST_REJECT, LOGGED " body.why", .body = why_fields,
	  .status = 200, .about = "it is a draft again" },
	{ API_POST, "/api/v1/blasts/{blast}/start", BOTH, DOES_QUERY, Q_API_BLAST_START, LOGGED " body.at", .body = start_fields,
	  .status = 200, .slow = true, .about = "an approved one begins, now or then" },
	{ API_POST, "/api/v1/blasts/{blast}/schedule", BOTH, DOES_QUERY, Q_API_BLAST_START, LOGGED " body.at",
	  .body = schedule_fields, .status = 200, .slow = true, .about = "an approved one begins then" },
	{ API_POST, "/api/v1/blasts/{blast}/pause", BOTH, DOES_QUERY, Q_API_BLAST_PAUSE, LOGGED " body.why", .body = why_fields,
	  .status = 200, .about = "a running one waits" },
	{ API_POST, "/api/v1/blasts/{blast}/resume", BOTH, DOES_QUERY, Q_API_BLAST_RESUME, LOGGED, .status = 200,
	  .about = "a paused one goes on" },
	{ API_POST, "/api/v1/blasts/{blast}/cancel", BOTH, DOES_QUERY, Q_API_BLAST_CANCEL, LOGGED " body.why", .body = why_fields,
	  .status = 200, .about = "it ends here" },
	{ API_POST, "/api/v1/blasts/{blast}/rate", BOTH, DOES_QUERY, Q_API_BLAST_RATE, LOGGED " body.rate", .body = rate_fields,
	  .status = 200, .about = "how many messages a second at most, also while it runs" },
	{ API_GET, "/api/v1/blasts/{blast}/status", LOOK, DOES_QUERY, Q_API_BLAST_STATUS, "who path.0", .status = 200,
	  .about = "how far it is, live" },
	{ API_GET, "/api/v1/blasts/{blast}/report", LOOK, DOES_QUERY, Q_API_BLAST_REPORT, "who path.0", .status = 200, .slow = true,
	  .about = "what came of it" },
	{ API_GET, "/api/v1/blasts/{blast}/log", LOOK, DOES_QUERY, Q_API_BLAST_LOG, "who path.0", .status = 200,
	  .about = "what was done with it, by whom" },
	{ API_GET, "/api/v1/blasts/{blast}/export", LOOK, DOES_QUERY, Q_API_BLAST_EXPORT, "who path.0 query.from query.most",
	  .args = export_args, .status = 200, .slow = true,
	  .about = "what became of each recipient, masked, in parts; smsctl blast export gives large lists at once" },
	{ API_GET, "/api/v1/blasts/{blast}/export/whole", APPROVER, DOES_QUERY, Q_API_BLAST_EXPORT_WHOLE,
	  LOGGED " query.from query.most", .args = export_args, .status = 200, .slow = true,
	  .about = "the same with whole numbers; each such look is written down" },
};
enum { ROUTES = sizeof(routes) / sizeof(*routes) };

static const char *const method_name[API_METHODS] = { "GET", "POST", "PATCH" };
static const char *const role_name[] = { "channel", "author", "approver", "viewer", "admin" };
enum { ROLES = sizeof(role_name) / sizeof(*role_name) };

const struct route *route_at(unsigned i)
{
	return i < ROUTES ? &routes[i] : NULL;
}

const char *route_method_name(enum api_method method)
{
	return method_name[method];
}

const struct route *route_find(const char *path, enum api_method method, struct str value_r[ROUTE_VALUES])
{
	for (unsigned i = 0; i < ROUTES; i++)
		if (routes[i].method == method && api_path_match(routes[i].path, path, value_r, ROUTE_VALUES))
			return &routes[i];
	return NULL;
}

bool route_methods(const char *path, char *out, size_t size)
{
	struct str value[ROUTE_VALUES];
	size_t n = 0;

	for (enum api_method m = 0; m < API_METHODS && n < size; m++)
		if (route_find(path, m, value))
			n += snprintf(out + n, size - n, "%s%s", method_name[m], m == API_GET ? ", HEAD, " : ", ");
	if (n && n < size)
		snprintf(out + n, size - n, "OPTIONS");
	return n > 0;
}

unsigned role_parse(struct str names)
{
	unsigned roles = 0;

	while (names.len) {
		const char *comma = memchr(names.ptr, ',', names.len);
		struct str name = str_n(names.ptr, comma ? (size_t)(comma - names.ptr) : names.len);

		for (unsigned i = 0; i < ROLES; i++)
			if (str_eqz(name, role_name[i]))
				roles |= 1u << i;
		str_skip(&names, name.len + (comma != NULL));
	}
	return roles;
}

void role_names(unsigned roles, const char *between, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (unsigned i = 0; i < ROLES && n < size; i++)
		if (roles & 1u << i)
			n += snprintf(out + n, size - n, "%s%s", n ? between : "", role_name[i]);
}
