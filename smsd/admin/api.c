/* api - see api.h. */
#include "admin/api.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_private.h"
#include "base/log.h"
#include "base/uuid.h"

enum { TOKEN_MAX = 200, VALUE_MAX = 800 };

bool api_is_path(const char *path)
{
	return strncmp(path, "/api", 4) == 0 && (path[4] == '/' || !path[4]);
}

/* ---- whose token it is */

static void wrong_token(struct call *call, const char *code, const char *message)
{
	guard_failed(call->api->guard, call->from, uv_now(call->api->loop));
	log_warn("api_token", "request=%s from=%s why=%s token=%s****", call->page.request, call->from, code, call->token_head);
	call->page.authenticate = true;
	call_refuse_text(call, 401, code, "smsctl user list shows tokens; add and rotate make them", message);
}

/* Whether there must be one. */
static bool needs_body(const struct route *route)
{
	const struct api_field *f = route->body;

	while (f && f->name && !f->required)
		f++;
	return f && f->name;
}

/* What can be known of the body before it is read. */
static void check_body_head(struct call *call)
{
	const struct route *route = call->route;
	bool some = call->length > 0 || call->length == API_LENGTH_CHUNKED;
	char message[160];

	if (route->method == API_GET || call->length == 0)
		return;
	if (!some && needs_body(route)) {
		call_refuse_text(call, 411, "no_length", "send Content-Length, or Transfer-Encoding: chunked",
				 "the body has no length");
	} else if (call->length > 0 && (uint64_t)call->length > call->limit) {
		snprintf(message, sizeof(message), "the body has %lld octets, and %zu are the most", (long long)call->length,
			 call->limit);
		call_refuse_text(call, 413, "too_large", "send it in parts", message);
	} else if (some && (call->type == TYPE_OTHER || (call->type == TYPE_CSV && route->does != DOES_UPLOAD))) {
		call_refuse_text(call, 415, "wrong_type",
				 route->does == DOES_UPLOAD ? "send Content-Type: text/csv or application/json" :
							      "send Content-Type: application/json",
				 "the body's content type is not understood here");
	}
}

enum { JSON_LIST_MAX = 2 << 20 };	/* it takes ten times as much to read */

static void begin_body(struct call *call)
{
	struct api *api = call->api;

	call->step = STEP_BODY;
	call->state = CALL_READS;
	if (call->route->does == DOES_UPLOAD && call->type == TYPE_JSON)
		call->limit = JSON_LIST_MAX;
	check_body_head(call);
	if (call->state == CALL_ANSWERED || call->route->does != DOES_UPLOAD)
		return;
	if (api->uploads >= API_UPLOADS_MAX) {
		call_unavailable(call, 5, "busy", "other lists are being read already: nothing was changed");
		return;
	}
	api->uploads++;
	call->uploading = true;
}

static void wrong_role(struct call *call)
{
	char want[80], has[80], message[240];

	role_names(call->route->roles | ROLE_ADMIN, " or ", want, sizeof(want));
	role_names(call->roles, ", ", has, sizeof(has));
	snprintf(message, sizeof(message), "this needs the role %s, and %s has %s", want, call->who, has);
	call_refuse_text(call, 403, "wrong_role", "another token, or smsctl user add --role", message);
}

static void token_done(struct call *call)
{
	const PGresult *res = call->res;

	if (db_blame(res) != DB_OK) {
		call_failed(call);
		return;
	}
	if (!PQntuples(res)) {
		wrong_token(call, "unknown_token", "there is no such token");
		return;
	}
	struct str state = db_cell(res, 0, 3);
	call->token = atoi(PQgetvalue(res, 0, 0));
	call->who = arena_z(call->arena, db_cell(res, 0, 1));
	call->roles = role_parse(db_cell(res, 0, 2));
	if (str_eqz(state, "expired")) {
		wrong_token(call, "expired_token", "this token has expired");
	} else if (!str_eqz(state, "ok")) {
		wrong_token(call, "revoked_token", "this token was revoked");
	} else {
		guard_passed(call->api->guard, call->hash, uv_now(call->api->loop));
		if (call->roles & (call->route->roles | ROLE_ADMIN))
			begin_body(call);
		else
			wrong_role(call);
	}
	if (call->state != CALL_ANSWERED)
		call->api->ready(call->arg);
}

void call_step_done(struct call *call)
{
	if (call->step == STEP_TOKEN)
		token_done(call);
	else if (api_blast_wants_look(call))
		api_blast_step_done(call);
	else
		call_outcome(call);
}

static void ask_token(struct call *call, const char *authorization)
{
	struct api *api = call->api;
	char message[120];

	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0) {
		call->page.authenticate = true;
		call_refuse_text(call, 401, "no_token", "send Authorization: Bearer TOKEN; smsctl user add makes one",
				 "this needs a token");
		return;
	}
	struct str token = str_trim(str_z(authorization + 7));
	crypto_hash_sha256(call->hash, (const unsigned char *)token.ptr, token.len);
	snprintf(call->token_head, sizeof(call->token_head), "%.*s", token.len > 16 && token.len < TOKEN_MAX ? 3 : 0, token.ptr);
	for (char *p = call->token_head; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == '"')
			*p = '?';
	unsigned wait = guard_wait(api->guard, call->from, call->hash, uv_now(api->loop));
	if (wait) {
		snprintf(message, sizeof(message), "too many wrong tokens came from %s", call->from);
		call->page.retry_s = wait;
		call_refuse_text(call, 429, "too_many_failures", "wait for Retry-After", message);
		return;
	}
	call->step = STEP_TOKEN;
	link_add(&api->link[LINK_FAST], call);
}

/* ---- the head */

static enum body_type type_of(const char *header)
{
	static const struct { const char *name; enum body_type type; } known[] = {
		{ "application/json", TYPE_JSON }, { "text/csv", TYPE_CSV },
	};
	struct str rest = str_trim(str_z(header ? header : ""));

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t n = strlen(known[i].name);

		if (rest.len < n || strncasecmp(rest.ptr, known[i].name, n) != 0)
			continue;
		rest = str_trim(str_n(rest.ptr + n, rest.len - n));
		if (!rest.len)
			return known[i].type;
		const char *charset = strcasestr(rest.ptr, "charset=");
		if (*rest.ptr != ';' || (charset && strncasecmp(charset + 8 + (charset[8] == '"'), "utf-8", 5) != 0))
			return TYPE_OTHER;
		return known[i].type;
	}
	return TYPE_OTHER;
}

static enum api_method method_of(const char *method)
{
	for (enum api_method m = 0; m < API_METHODS; m++)
		if (strcmp(method, route_method_name(m)) == 0)
			return m;
	return strcmp(method, "HEAD") == 0 ? API_GET : API_METHODS;
}

static bool find_route(struct call *call, const char *path, enum api_method method)
{
	struct str value[ROUTE_VALUES] = { 0 };
	struct api_problem problem;

	if (!route_methods(path, call->page.allow, sizeof(call->page.allow))) {
		call_refuse_text(call, 404, "no_such_path", "GET /api/v1 tells what there is", "there is no such path");
		return false;
	}
	call->route = method < API_METHODS ? route_find(path, method, value) : NULL;
	if (!call->route) {
		api_problem_set(&problem, "wrong_method", NULL, call->page.allow, "this path does not know this method");
		call_refuse(call, 405, &problem);
		return false;
	}
	*call->page.allow = '\0';
	for (unsigned i = 0; i < ROUTE_VALUES && value[i].ptr; i++) {
		char *decoded = arena_alloc(call->arena, value[i].len + 1);

		if (!api_decode(value[i], decoded) || value[i].len > VALUE_MAX) {
			call_refuse_text(call, 400, "malformed_path", "UTF-8 in %XX", "the path is malformed");
			return false;
		}
		call->value[i] = decoded;
	}
	return true;
}

static bool check_query(struct call *call)
{
	static const struct api_field none[] = { { 0 } };
	struct api_problem problem;

	if (!call->query) {
		call_refuse_text(call, 400, "malformed_query", "UTF-8 in %XX", "the query string is malformed");
		return false;
	}
	if (api_body_check_texts(call->query, call->route->args ? call->route->args : none, &problem) == 0)
		return true;
	call_refuse(call, 400, &problem);
	return false;
}

static void begin(struct call *call, const struct api_head *head)
{
	if (strcmp(call->api->conf->admin_api, "on") != 0) {
		call_refuse_text(call, 404, "api_off", "admin: {api: on} in smsd.yaml", "the API is switched off");
	} else if (strcmp(head->method, "OPTIONS") == 0 &&
		   route_methods(head->path, call->page.allow, sizeof(call->page.allow))) {
		call->page.status = 204;
		call_ended(call);
	} else if (find_route(call, head->path, method_of(head->method))) {
		call->limit = call->route->body_max ? call->route->body_max : 1024;
		if (!call->route->roles)
			begin_body(call);
		else
			ask_token(call, head->authorization);
	}
}

struct call *call_new(struct api *api, const struct api_head *head, void *arg)
{
	struct call *call = mem_alloc(sizeof(*call));
	struct uuid id = uuid_v7();

	call->api = api;
	call->arg = arg;
	call->state = CALL_WAITS;
	call->arena = arena_new();
	call->begun_ns = uv_hrtime();
	call->method = method_of(head->method) < API_METHODS || strcmp(head->method, "OPTIONS") == 0 ?
			       arena_z(call->arena, str_z(head->method)) : "other";
	call->query = head->query;
	call->type = type_of(head->type);
	call->length = head->length;
	call->page.type = "application/json";
	uuid_format(&id, call->page.request);
	snprintf(call->from, sizeof(call->from), "%s", head->from);
	begin(call, head);
	return call;
}

enum call_state call_state(const struct call *call)
{
	return call->state;
}

struct page *call_page(struct call *call)
{
	return &call->page;
}

/* ---- the body */

void call_body(struct call *call, const char *bytes, size_t n)
{
	char message[80];

	if (call->state != CALL_READS)
		return;
	if (call->in.len + n > call->limit) {
		snprintf(message, sizeof(message), "the body has more than %zu octets", call->limit);
		call_refuse_text(call, 413, "too_large", "send it in parts", message);
		return;
	}
	buf_add(&call->in, bytes, n);
}

static bool check_body(struct call *call)
{
	const struct route *route = call->route;
	static const struct api_field none[] = { { 0 } };
	struct api_problem problem;
	unsigned bad;

	if (route->method == API_GET || (!call->in.len && !needs_body(route)))
		return true;
	call->body = api_body_parse(buf_get(&call->in), &problem);
	buf_free(&call->in);
	if (call->body &&
	    (route->bulk ? api_body_bulk(call->body, route->bulk, BULK_MAX, route->body, &call->items, &bad, &problem) :
			   api_body_check(call->body, route->body ? route->body : none, "", &problem)) == 0)
		return true;
	call_refuse(call, 400, &problem);
	return false;
}

void call_end(struct call *call)
{
	if (call->state != CALL_READS || !check_query(call))
		return;
	if (call->route->does != DOES_UPLOAD && !check_body(call))
		return;
	if (call->route->does == DOES_DESCRIBE) {
		call_say(call, api_describe());
		return;
	}
	if (api_blast_wants_look(call)) {
		api_blast_look(call);
		return;
	}
	call->step = STEP_QUERY;
	link_add(&call->api->link[call->route->slow ? LINK_SLOW : LINK_FAST], call);
}

void call_free(struct call **call)
{
	struct call *c = *call;

	api_blast_drop(c);
	PQclear(c->res);
	PQclear(c->testers);
	json_decref(c->blast);
	json_decref(c->made);
	json_decref(c->query);
	json_decref(c->body);
	json_decref(c->items);
	buf_free(&c->in);
	buf_free(&c->page.body);
	arena_free(&c->arena);
	free(c);
	*call = NULL;
}

/* ---- the whole */

struct api *api_new(uv_loop_t *loop, const struct conf *conf, api_ready_fn *ready)
{
	struct api *api = mem_alloc(sizeof(*api));

	api->loop = loop;
	api->conf = conf;
	api->ready = ready;
	api->guard = guard_new();
	link_init(api);
	return api;
}

void api_stop(struct api *api)
{
	api->stopped = true;
	api_blast_stop(api);
	link_stop(api);
}

static void on_closed(uv_handle_t *handle)
{
	struct api *api = handle->data;

	if (--api->open_handles == 0)
		free(api);
}

void api_free(struct api **api)
{
	guard_free(&(*api)->guard);
	uv_close((uv_handle_t *)&(*api)->tick, on_closed);
	uv_close((uv_handle_t *)&(*api)->purge, on_closed);
	*api = NULL;
}
