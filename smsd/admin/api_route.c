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
