/* Fuzzes what the API reads: the first line is a path, the rest a body that is held against the fields of every route. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_route.h"
#include "text/fold.h"

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "broken promise: %s\n", what);
		abort();
	}
}

static void path(struct str line)
{
	char *z = malloc(line.len + 1), *decoded = malloc(line.len + 1), allow[64];
	struct str value[ROUTE_VALUES] = { 0 };

	memcpy(z, line.ptr, line.len);
	z[line.len] = '\0';
	for (enum api_method m = 0; m < API_METHODS; m++) {
		const struct route *route = route_find(z, m, value);

		must(!route || route_methods(z, allow, sizeof(allow)), "a path that is found is known");
		for (unsigned i = 0; route && i < ROUTE_VALUES; i++)
			if (value[i].ptr && api_decode(value[i], decoded))
				must(fold_utf8_ok(str_z(decoded)), "what is decoded is UTF-8");
	}
	free(decoded);
	free(z);
}

static void problem(const struct api_problem *p)
{
	json_t *error = api_problem_json(p);
	char *text = json_dumps(error, JSON_COMPACT);

	must(*p->code && *p->message, "a problem has a code and a message");
	must(text && fold_utf8_ok(str_z(text)), "a problem can be told");
	free(text);
	json_decref(error);
}

static void body_of(const struct route *route, struct str bytes)
{
	struct api_problem p = { 0 };
	json_t *body = api_body_parse(bytes, &p), *items = NULL;
	unsigned bad = 0;

	if (!body) {
		problem(&p);
	} else if (route->bulk) {
		if (api_body_bulk(body, route->bulk, BULK_MAX, route->body, &items, &bad, &p) < 0)
			problem(&p);
		else
			must(json_array_size(items) >= 1 && bad <= json_array_size(items), "an item for each");
	} else if (api_body_check(body, route->body, "", &p) < 0) {
		problem(&p);
	} else {
		must(api_body_check(body, route->body, "", &p) == 0, "what is right stays right");
	}
	json_decref(items);
	json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_n((const char *)data, size);
	const char *end = size ? memchr(data, '\n', size) : NULL;
	struct str line = str_n(input.ptr, end ? (size_t)(end - input.ptr) : size);
	const struct route *route;

	if (!memchr(line.ptr ? line.ptr : "", '\0', line.len))
		path(line);
	str_skip(&input, line.len + (end != NULL));
	for (unsigned i = 0; (route = route_at(i)) != NULL; i++)
		if (route->body)
			body_of(route, input);
	return 0;
}
