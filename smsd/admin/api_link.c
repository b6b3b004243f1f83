/* api_link - the API's connections to the database: one for what is quick, one for what may take seconds.  A call that waits
 * for a connection is sent when it is up, or refused after a while; what was under way when it was lost is refused
 * too, since nobody knows whether it was done. */
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_private.h"
#include "base/metric.h"

enum { TAG_STATEMENT, TAG_SYNC, TICK_MS = 250, PURGE_MS = 600000 };

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
	struct link *link = call->link;

	link->sent--;
	link->sent_first = call->next;		/* answers come in order */
	if (!link->sent_first)
		link->sent_last = &link->sent_first;
	pending(call, false);
	if (db_blame(res) != DB_OK && db_blame(call->res) == DB_OK) {
		PQclear(call->res);
		call->res = NULL;
	}
	link->in_result = true;
	call_step_done(call);
	link->in_result = false;
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

/* Where neither the blast nor its class has one: the hall's first. */
static const char *port_of(struct call *call)
{
	const struct conf *conf = call->api->conf;
	const char *own = json_string_value(json_object_get(call->blast, "sends_from"));

	return own && *own ? own : conf->nports ? conf->port[0] : NULL;
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
	if (str_eqz(name, "portion"))
		return call->portion.ptr;
	if (str_eqz(name, "made"))
		return value_of(call, call->made);
	if (str_eqz(name, "rows"))
		return call->route->does == DOES_TEST ? "20" : "200";
	if (str_eqz(name, "port"))
		return port_of(call);
	if (str_eqz(name, "rate") && !json_object_get(call->query, "rate"))
		return arena_printf(call->arena, "%u", call->api->conf->door_rate).ptr;
	if (str_eqz(name, "most") && !json_object_get(call->query, "most"))
		return "50000";		/* a second or two */
	if (str_eqz(name, "rate") || str_eqz(name, "most"))
		name = *name.ptr == 'r' ? STR("query.rate") : STR("query.most");
	if (str_starts(name, STR("body.")))
		return value_of(call, json_object_get(call->body, arena_z(call->arena, name) + 5));
	return value_of(call, json_object_get(call->query, arena_z(call->arena, name) + 6));	/* query. */
}

/* Before what the route asks. */
static const struct { enum query query; const char *params; } step_statement[] = {
	[STEP_LOOK] = { Q_API_BLAST_SHOW, "who path.0" },
	[STEP_LOAD] = { Q_API_BLAST_LOAD, "request portion" },
	[STEP_EMPTY] = { Q_API_BLAST_EMPTY, "who path.0 made" },
	[STEP_TESTERS] = { Q_API_BLAST_TESTERS, "who made" },
	[STEP_ROWS] = { Q_API_BLAST_ROWS, "who path.0 rows" },
};

static enum query statement_of(struct call *call, struct db_params *p)
{
	bool last = call->step == STEP_QUERY;

	if (call->step == STEP_TOKEN) {
		db_param_bytes(p, call->hash, sizeof(call->hash));
		return Q_API_TOKEN;
	}
	for (const char *at = last ? call->route->params : step_statement[call->step].params; *at;) {
		size_t n = strcspn(at, " ");

		db_param_text(p, parameter(call, str_n(at, n)));
		at += n + (at[n] == ' ');
	}
	return last ? call->route->query : step_statement[call->step].query;
}

static void keep_sent(struct link *link, struct call *call)
{
	link->sent++;
	call->sent_ms = uv_now(link->api->loop);
	call->next = NULL;
	*link->sent_last = call;
	link->sent_last = &call->next;
}

static void send_one(struct link *link, struct call *call)
{
	struct db_params p = { 0 };
	enum query q = statement_of(call, &p);

	PQclear(call->res);
	call->res = NULL;
	if (db_statement(link->db, query_text[q].name, query_text[q].sql, &p, on_result, call, TAG_STATEMENT) &&
	    db_sync(link->db, on_result, call, TAG_SYNC)) {
		keep_sent(link, call);
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
	if (link->in_result)
		return;			/* DB_EV_DRAINED follows */
	while (link->first && link->sent < link->sent_max && db_is_up(link->db))
		send_one(link, take(link));
	if (db_is_up(link->db))
		db_flush(link->db);
}

static bool ignore(void *arg, int tag, PGresult *res)
{
	(void)arg, (void)tag, (void)res;
	return false;
}

static void set(struct link *link, enum query q)
{
	db_statement(link->db, query_text[q].name, query_text[q].sql, NULL, ignore, NULL, 0);
	db_sync(link->db, ignore, NULL, 0);
}

/* What was done is remembered as long as the texts are; some of the older goes each time. */
static void purge(struct link *link)
{
	struct db_params p = { 0 };
	char days[12];

	snprintf(days, sizeof(days), "%u", link->api->conf->retention_days);
	db_param_text(&p, days);
	db_statement(link->db, query_text[Q_API_PURGE].name, query_text[Q_API_PURGE].sql, &p, ignore, NULL, 0);
	db_sync(link->db, ignore, NULL, 0);
}

static void on_purge(uv_timer_t *timer)
{
	struct link *link = &((struct api *)timer->data)->link[LINK_FAST];

	if (!link->db || !db_is_up(link->db))
		return;
	purge(link);
	db_flush(link->db);
}

static void on_event(void *arg, enum db_event event, const char *text)
{
	struct link *link = arg;

	(void)text;
	if (event == DB_EV_UP) {
		set(link, link->timeout);
		set(link, Q_API_NOTICE_LOSS);
		purge(link);
	}
	if (event == DB_EV_UP || event == DB_EV_DRAINED)
		send_all(link);
}

static void give_up(struct link *link, uint64_t before_ms)
{
	while (link->first && link->first->queued_ms <= before_ms) {
		struct call *call = take(link);

		pending(call, false);
		if (link->db && db_is_up(link->db))
			call_unavailable(call, 5, "busy", "too many wait already: nothing was changed");
		else
			call_unavailable(call, 5, "database_down", "the database is not there: nothing was changed");
	}
}

static void look(struct link *link, uint64_t now)
{
	uint64_t wait = db_is_up(link->db) ? API_BUSY_MS : API_DOWN_MS;

	if (now > wait)
		give_up(link, now - wait);
	if (link->sent_first && now > link->sent_first->sent_ms + link->stuck_ms)
		db_reset(link->db, "no answer");
}

static void on_tick(uv_timer_t *timer)
{
	struct api *api = timer->data;
	bool some = false;

	for (unsigned i = 0; i < LINKS; i++) {
		struct link *link = &api->link[i];

		if (link->db)
			look(link, uv_now(api->loop));
		some |= link->first || link->sent;
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
	if ((link->first || link->sent) && !uv_is_active((uv_handle_t *)&api->tick))
		uv_timer_start(&api->tick, on_tick, TICK_MS, TICK_MS);
}

void link_init(struct api *api)
{
	api->link[LINK_FAST] = (struct link){ .label = "api", .sent_max = 32, .stuck_ms = 8000, .timeout = Q_API_QUICK };
	api->link[LINK_SLOW] = (struct link){ .label = "api_slow", .sent_max = 1, .stuck_ms = 40000, .timeout = Q_API_PATIENT };
	for (unsigned i = 0; i < LINKS; i++) {
		struct link *link = &api->link[i];

		link->api = api;
		link->last = &link->first;
		link->sent_last = &link->sent_first;
	}
	uv_timer_init(api->loop, &api->tick);
	uv_timer_init(api->loop, &api->purge);
	api->tick.data = api->purge.data = api;
	api->open_handles = 2;
	uv_timer_start(&api->purge, on_purge, PURGE_MS, PURGE_MS);
	uv_unref((uv_handle_t *)&api->purge);
}

void link_stop(struct api *api)
{
	for (unsigned i = 0; i < LINKS; i++) {
		give_up(&api->link[i], UINT64_MAX);
		db_free(&api->link[i].db);
	}
}
