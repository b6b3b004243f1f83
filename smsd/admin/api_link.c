/* api_link - the API's connections to the database: one for what is quick, one for what may take seconds.  A call that waits
 * for a connection is sent when it is up, or refused after a while; what was under way when it was lost is refused
 * too, since nobody knows whether it was done. */
#include <stdlib.h>

#include "admin/api_private.h"
#include "base/metric.h"

enum { TAG_STATEMENT, TAG_SYNC, TICK_MS = 250 };

static void pending(struct call *call, bool now)
{
	if (call->pending == now)
		return;
	call->pending = now;
	call->api->pending += now ? 1 : -1;
	metric_set(M_API_WAITING, call->api->pending);
}

/* Nothing is said before the end of the transaction is known. */
static bool on_result(void *arg, int tag, PGresult *res)
{
	struct call *call = arg;

	if (tag == TAG_STATEMENT) {
		call->res = res;
		return true;
	}
	call->link->sent--;
	pending(call, false);
	if (db_blame(res) != DB_OK && db_blame(call->res) == DB_OK) {
		PQclear(call->res);
		call->res = NULL;
	}
	call_step_done(call);
	return false;
}

static const char *value_of(struct call *call, const json_t *value)
{
	if (json_is_string(value))
		return json_string_value(value);
	if (!value || json_is_null(value))
		return NULL;
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *kept = arena_z(call->arena, str_z(text));
	free(text);
	return kept;
}

static const char *parameter(struct call *call, struct str name)
{
	if (str_eqz(name, "request"))
		return call->page.request;
	if (str_eqz(name, "token"))
		return arena_printf(call->arena, "%d", call->token).ptr;
	if (str_eqz(name, "who"))
		return call->who;
	if (str_eqz(name, "action"))
		return arena_printf(call->arena, "%s %s", call->method, call->route->path).ptr;
	if (str_eqz(name, "target") || str_eqz(name, "path.0"))
		return call->value[0];
	if (str_eqz(name, "path.1"))
		return call->value[1];
	if (str_eqz(name, "items"))
		return value_of(call, call->items);
	if (str_eqz(name, "body"))
		return value_of(call, call->body);
	if (str_starts(name, STR("body.")))
		return value_of(call, json_object_get(call->body, arena_z(call->arena, name) + 5));
	return value_of(call, json_object_get(call->query, arena_z(call->arena, name) + 6));	/* query. */
}

static enum query statement_of(struct call *call, struct db_params *p)
{
	if (call->step == STEP_TOKEN) {
		db_param_bytes(p, call->hash, sizeof(call->hash));
		return Q_API_TOKEN;
	}
	for (const char *at = call->route->params; *at;) {
		size_t n = strcspn(at, " ");

		db_param_text(p, parameter(call, str_n(at, n)));
		at += n + (at[n] == ' ');
	}
	return call->route->query;
}

static void send_one(struct link *link, struct call *call)
{
	struct db_params p = { 0 };
	enum query q = statement_of(call, &p);

	PQclear(call->res);
	call->res = NULL;
	if (db_statement(link->db, query_text[q].name, query_text[q].sql, &p, on_result, call, TAG_STATEMENT) &&
	    db_sync(link->db, on_result, call, TAG_SYNC)) {
		link->sent++;
		return;
	}
	pending(call, false);
	call_unavailable(call, 2, "database_down", "the database is not there: nothing was changed");
}

static struct call *take(struct link *link)
{
	struct call *call = link->first;

	link->first = call->next;
	if (!link->first)
		link->last = &link->first;
	return call;
}

static void send_all(struct link *link)
{
	while (link->first && link->sent < API_SENT_MAX && db_is_up(link->db))
		send_one(link, take(link));
	if (db_is_up(link->db))
		db_flush(link->db);
}

static bool ignore(void *arg, int tag, PGresult *res)
{
	(void)arg, (void)tag, (void)res;
	return false;
}

static void on_event(void *arg, enum db_event event, const char *text)
{
	struct link *link = arg;

	(void)text;
	if (event == DB_EV_UP) {
		db_statement(link->db, query_text[Q_API_SETTINGS].name, query_text[Q_API_SETTINGS].sql, NULL, ignore, NULL, 0);
		db_sync(link->db, ignore, NULL, 0);
	}
	if (event == DB_EV_UP || event == DB_EV_DRAINED)
		send_all(link);
}

static void give_up(struct link *link, uint64_t before_ms)
{
	while (link->first && link->first->queued_ms <= before_ms) {
		struct call *call = take(link);

		pending(call, false);
		call_unavailable(call, 5, link->sent ? "busy" : "database_down",
				 link->sent ? "too many wait already: nothing was changed" :
					      "the database is not there: nothing was changed");
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct api *api = timer->data;
	uint64_t now = uv_now(api->loop);
	bool some = false;

	for (unsigned i = 0; i < LINKS; i++) {
		if (now > API_WAIT_MS)
			give_up(&api->link[i], now - API_WAIT_MS);
		some |= api->link[i].first != NULL;
	}
	if (!some)
		uv_timer_stop(timer);
}

void link_add(struct link *link, struct call *call)
{
	struct api *api = link->api;

	if (api->stopped || api->pending >= API_PENDING_MAX) {
		call_unavailable(call, 1, api->stopped ? "stopping" : "busy",
				 api->stopped ? "smsd is about to end" : "too many wait already: nothing was changed");
		return;
	}
	pending(call, true);
	call->link = link;
	call->next = NULL;
	call->queued_ms = uv_now(api->loop);
	call->state = CALL_WAITS;
	*link->last = call;
	link->last = &call->next;
	if (!link->db)
		link->db = db_new(api->loop, api->conf->db_conninfo, link->label, on_event, link);
	send_all(link);
	if (link->first && !uv_is_active((uv_handle_t *)&api->tick))
		uv_timer_start(&api->tick, on_tick, TICK_MS, TICK_MS);
}

void link_init(struct api *api)
{
	static const char *const label[LINKS] = { "api", "api_slow" };

	for (unsigned i = 0; i < LINKS; i++) {
		api->link[i] = (struct link){ .api = api, .label = label[i] };
		api->link[i].last = &api->link[i].first;
	}
	uv_timer_init(api->loop, &api->tick);
	api->tick.data = api;
}

void link_stop(struct api *api)
{
	for (unsigned i = 0; i < LINKS; i++) {
		give_up(&api->link[i], UINT64_MAX);
		db_free(&api->link[i].db);
	}
}
