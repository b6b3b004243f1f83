/* db - see db.h. */
#include "db/db.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "base/metric.h"

enum { BACKOFF_MIN_MS = 100, BACKOFF_MAX_MS = 1000, CONNECT_TIMEOUT_MS = 10000, STEADY_MS = 2000,
       TELL_EACH = 30 };		/* failed attempts a warning */

enum waiting_kind { WAIT_STATEMENT, WAIT_PREPARE, WAIT_SYNC };

/* One result that is due, in the order in which they come. */
struct waiting {
	struct waiting *next;
	enum waiting_kind kind;
	db_result_fn *fn;
	void *arg;
	int tag;
	struct prepared *prepared;	/* WAIT_PREPARE */
	bool got;			/* its result has come, the NULL behind it not yet */
};

/* A statement that this connection prepared, or is preparing. */
struct prepared {
	char *name;
	PGresult *error;		/* why it could not be prepared: told to the execution that follows */
};

enum db_state { DB_DOWN, DB_CONNECTING, DB_PREPARING, DB_UP };

struct db {
	uv_loop_t *loop;
	const char *conninfo, *label;
	db_fn *fn;
	void *arg;
	enum db_state state;
	PGconn *conn;
	uv_poll_t *poll;
	int fd, events;
	uv_timer_t timer;		/* back-off, and the limit on connecting */
	unsigned backoff_ms, failures;
	struct waiting *first, **last, *spare;
	struct map *prepared;
	bool unflushed, want_write, freeing;
	bool unprepared;		/* a named query was refused: this connection is of no use */
	uint64_t up_ms;			/* since when it is up */
	char why[512];			/* it was lost last */
};

static void connect_start(struct db *db);
static void on_poll(uv_poll_t *poll, int status, int events);

void db_param_text(struct db_params *params, const char *z)
{
	params->value[params->n] = z;
	params->length[params->n] = 0;
	params->format[params->n++] = 0;
}

void db_param_bytes(struct db_params *params, const void *ptr, size_t len)
{
	params->value[params->n] = ptr;
	params->length[params->n] = (int)len;
	params->format[params->n++] = 1;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void poll_stop(struct db *db)
{
	if (!db->poll)
		return;
	uv_poll_stop(db->poll);
	uv_close((uv_handle_t *)db->poll, free_handle);
	db->poll = NULL;
}

/* libpq may change its socket while connecting (several hosts). */
static void poll_for(struct db *db, int events)
{
	int fd = PQsocket(db->conn);

	if (db->poll && db->fd == fd && db->events == events)
		return;
	if (!db->poll || db->fd != fd || db->state == DB_CONNECTING) {
		poll_stop(db);
		db->poll = mem_alloc(sizeof(*db->poll));
		db->poll->data = db;
		if (uv_poll_init(db->loop, db->poll, fd) != 0) {
			free(db->poll);
			db->poll = NULL;
			return;
		}
		db->fd = fd;
	}
	db->events = events;
	uv_poll_start(db->poll, events, on_poll);
}

static struct waiting *waiting_add(struct db *db, enum waiting_kind kind, db_result_fn *fn, void *arg, int tag)
{
	struct waiting *w = db->spare;

	if (w)
		db->spare = w->next;
	else
		w = mem_alloc(sizeof(*w));
	*w = (struct waiting){ .kind = kind, .fn = fn, .arg = arg, .tag = tag };
	*db->last = w;
	db->last = &w->next;
	db->unflushed = true;
	return w;
}

static void waiting_pop(struct db *db)
{
	struct waiting *w = db->first;

	db->first = w->next;
	if (!db->first)
		db->last = &db->first;
	w->next = db->spare;
	db->spare = w;
}

static void prepared_drop(struct prepared *p)
{
	PQclear(p->error);
	free(p->name);
	free(p);
}

static void prepared_clear(struct db *db)
{
	size_t cursor = 0;

	for (struct prepared *p; (p = map_next(db->prepared, &cursor, NULL)) != NULL;)
		prepared_drop(p);
	map_clear(db->prepared);
}

static void on_timer(uv_timer_t *timer);

static void lost(struct db *db, const char *why)
{
	char text[512];
	bool was_up = db->state == DB_UP;

	snprintf(text, sizeof(text), "%s", why ? why : "");
	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '"')
			*p = ' ';
	poll_stop(db);
	if (db->conn)
		PQfinish(db->conn);
	db->conn = NULL;
	db->state = DB_DOWN;
	db->want_write = db->unflushed = false;
	while (db->first) {
		struct waiting w = *db->first;

		waiting_pop(db);
		if (w.fn && w.kind != WAIT_PREPARE)
			w.fn(w.arg, w.tag, NULL);
	}
	prepared_clear(db);
	if (db->freeing)
		return;
	if (was_up) {
		metric_add(M_DB_LOST, 1);
		metric_set(M_DB_UP, metric_get(M_DB_UP) - 1);
	}
	/* One that served well comes back at once; one that is lost again and again, less and less often. */
	if (was_up && uv_now(db->loop) >= db->up_ms + STEADY_MS) {
		db->backoff_ms = BACKOFF_MIN_MS;
		db->failures = 0;
	}
	bool news = strcmp(text, db->why) != 0;
	snprintf(db->why, sizeof(db->why), "%s", text);
	if (db->failures++ % TELL_EACH == 0 || news)
		log_warn("db_down", "conn=%s failures=%u why=\"%s\"", db->label, db->failures, text);
	uv_timer_start(&db->timer, on_timer, db->backoff_ms, 0);
	db->backoff_ms = db->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : db->backoff_ms * 2;
	if (was_up)
		db->fn(db->arg, DB_EV_DOWN, text);
}

void db_reset(struct db *db, const char *why)
{
	if (db->state != DB_DOWN)
		lost(db, why);
}

static void on_timer(uv_timer_t *timer)
{
	struct db *db = timer->data;

	if (db->state == DB_DOWN)
		connect_start(db);
	else if (db->state != DB_UP)
		lost(db, "no answer while connecting");
}

static bool on_prepared_all(void *arg, int tag, PGresult *res)
{
	struct db *db = arg;

	(void)tag;
	if (!res || db->state != DB_PREPARING)
		return false;
	if (db->unprepared) {
		lost(db, "a named query could not be prepared");
		return false;
	}
	uv_timer_stop(&db->timer);
	db->state = DB_UP;
	db->up_ms = uv_now(db->loop);
	metric_set(M_DB_UP, metric_get(M_DB_UP) + 1);
	log_info("db_up", "conn=%s server=%d pid=%d", db->label, PQserverVersion(db->conn),
		 PQbackendPID(db->conn));
	db->fn(db->arg, DB_EV_UP, NULL);
	return false;
}

static bool on_prepared(void *arg, int tag, PGresult *res)
{
	(void)arg;
	(void)tag;
	(void)res;
	return false;
}

/* Each in a transaction of its own: planning locks tables, and locks of many of them could deadlock with whoever makes
 * partitions. */
static void prepare_all(struct db *db)
{
	unsigned last = QUERY_COUNT - 1;

	while (query_text[last].ctl)
		last--;
	db->unprepared = false;
	PQsetnonblocking(db->conn, 1);
	PQenterPipelineMode(db->conn);
	db->state = DB_PREPARING;
	for (unsigned i = 0; i < QUERY_COUNT; i++) {
		if (query_text[i].ctl)
			continue;
		PQsendPrepare(db->conn, query_text[i].name, query_text[i].sql, 0, NULL);
		waiting_add(db, WAIT_PREPARE, NULL, NULL, i);
		PQpipelineSync(db->conn);
		waiting_add(db, WAIT_SYNC, i == last ? on_prepared_all : on_prepared, db, 0);
	}
	db_flush(db);
}

static void connect_step(struct db *db)
{
	switch (PQconnectPoll(db->conn)) {
	case PGRES_POLLING_READING:
		poll_for(db, UV_READABLE);
		break;
	case PGRES_POLLING_WRITING:
		poll_for(db, UV_WRITABLE);
		break;
	case PGRES_POLLING_OK:
		prepare_all(db);
		break;
	default:
		lost(db, PQerrorMessage(db->conn));
	}
}

static void notice(void *arg, const PGresult *res)
{
	struct db *db = arg;

	log_debug("db_notice", "conn=%s text=\"%s\"", db->label, db_message(res));
}

/* The session's settings travel with the connection's start, so no statement is needed and a
 * reconnect cannot forget them.  What the operator's conninfo says about TCP wins. */
static void connect_start(struct db *db)
{
	const char *keys[] = { "fallback_application_name", "client_encoding", "options", "connect_timeout",
			       "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
			       "dbname", NULL };
	const char *values[] = { "smsd", "UTF8",
				 "-c idle_in_transaction_session_timeout=5s -c statement_timeout=30s -c jit=off"
				 " -c TimeZone=UTC -c DateStyle=ISO -c lock_timeout=20s",
				 "10", "10", "3", "3", "10000", db->conninfo, NULL };

	db->state = DB_CONNECTING;
	db->conn = PQconnectStartParams(keys, values, 1);
	if (!db->conn || PQstatus(db->conn) == CONNECTION_BAD) {
		lost(db, db->conn ? PQerrorMessage(db->conn) : "out of memory");
		return;
	}
	PQsetNoticeReceiver(db->conn, notice, db);
	uv_timer_start(&db->timer, on_timer, CONNECT_TIMEOUT_MS, 0);
	poll_for(db, UV_WRITABLE);
}

/* A prepared statement's failure is told by the execution that waits behind it. */
static void take_prepare(struct db *db, struct waiting *w, PGresult *res)
{
	struct prepared *p = w->prepared;

	if (PQresultStatus(res) == PGRES_COMMAND_OK) {
		PQclear(res);
		return;
	}
	if (!p) {	/* a named query */
		log_error("db_prepare", "conn=%s query=%s error=\"%s\" remedy=\"smsctl db upgrade\"", db->label,
			  query_text[w->tag].name, db_message(res));
		db->unprepared = true;
		PQclear(res);
		return;
	}
	PQclear(p->error);
	p->error = res;
}

static void take(struct db *db, struct waiting *w, PGresult *res)
{
	if (w->kind == WAIT_PREPARE) {
		take_prepare(db, w, res);
		return;
	}
	struct prepared *p = w->prepared;
	PGresult *tell = res, *refused = NULL;

	if (p && p->error) {	/* it could not be prepared: forget it, and say why */
		refused = p->error;
		p->error = NULL;
		map_del(db->prepared, str_z(p->name));
		prepared_drop(p);
		if (PQresultStatus(refused) != PGRES_PIPELINE_ABORTED)
			tell = refused;
	}
	bool kept = w->fn && w->fn(w->arg, w->tag, tell);
	if (!kept || tell != res)
		PQclear(res);
	if (!kept || tell != refused)
		PQclear(refused);
}

static void notifications(struct db *db)
{
	PGnotify *n;

	while (db->conn && (n = PQnotifies(db->conn)) != NULL) {
		db->fn(db->arg, DB_EV_NOTIFY, n->relname);
		PQfreemem(n);
	}
}

static void drain(struct db *db)
{
	if (!PQconsumeInput(db->conn)) {
		lost(db, PQerrorMessage(db->conn));
		return;
	}
	while (db->first && !PQisBusy(db->conn)) {
		PGresult *res = PQgetResult(db->conn);
		struct waiting *w = db->first;

		if (!res) {
			if (!w->got) {	/* nothing was outstanding after all: the link is out of step */
				lost(db, "results out of step");
				return;
			}
			waiting_pop(db);
			continue;
		}
		if (w->got && PQresultStatus(res) != PGRES_PIPELINE_SYNC) {
			PQclear(res);
			continue;
		}
		if (w->got) {		/* a sync follows without the NULL */
			waiting_pop(db);
			w = db->first;
			if (!w) {
				PQclear(res);
				break;
			}
		}
		if (w->kind == WAIT_SYNC) {
			struct waiting copy = *w;

			waiting_pop(db);
			take(db, &copy, res);
		} else {
			w->got = true;
			take(db, w, res);
		}
		if (!db->conn)
			return;		/* a callback gave the connection up */
	}
	notifications(db);
	if (db->conn && db->state == DB_UP)
		db->fn(db->arg, DB_EV_DRAINED, NULL);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct db *db = poll->data;

	if (db->state == DB_CONNECTING) {
		connect_step(db);
		return;
	}
	if (status < 0) {
		lost(db, uv_strerror(status));
		return;
	}
	if (events & UV_READABLE)
		drain(db);
	if (db->conn && db->want_write)
		db_flush(db);
}

struct db *db_new(uv_loop_t *loop, const char *conninfo, const char *label, db_fn *fn, void *arg)
{
	struct db *db = mem_alloc(sizeof(*db));

	*db = (struct db){ .loop = loop, .conninfo = conninfo, .label = label, .fn = fn, .arg = arg,
			   .backoff_ms = BACKOFF_MIN_MS, .prepared = map_new() };
	db->last = &db->first;
	uv_timer_init(loop, &db->timer);
	db->timer.data = db;
	connect_start(db);
	return db;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct db *db = handle->data;

	while (db->spare) {
		struct waiting *w = db->spare;

		db->spare = w->next;
		free(w);
	}
	map_free(&db->prepared);
	free(db);
}

void db_free(struct db **db)
{
	if (!*db)
		return;
	(*db)->freeing = true;
	if ((*db)->state == DB_UP)
		metric_set(M_DB_UP, metric_get(M_DB_UP) - 1);
	lost(*db, "");
	uv_timer_stop(&(*db)->timer);
	uv_close((uv_handle_t *)&(*db)->timer, on_timer_closed);
	*db = NULL;
}

bool db_is_up(const struct db *db)
{
	return db->state == DB_UP;
}

const char *db_label(const struct db *db)
{
	return db->label;
}

static bool send_named(struct db *db, const char *name, const struct db_params *p)
{
	static const struct db_params none;

	if (!p)
		p = &none;
	return PQsendQueryPrepared(db->conn, name, p->n, p->value, p->length, p->format, 0);
}

bool db_query(struct db *db, enum query query, const struct db_params *params, db_result_fn *fn,
	      void *arg, int tag)
{
	if (db->state != DB_UP || !send_named(db, query_text[query].name, params))
		return false;
	waiting_add(db, WAIT_STATEMENT, fn, arg, tag);
	return true;
}

bool db_statement(struct db *db, const char *name, const char *sql, const struct db_params *params,
		  db_result_fn *fn, void *arg, int tag)
{
	struct prepared *p;

	if (db->state != DB_UP)
		return false;
	p = map_get(db->prepared, str_z(name));
	bool first = !p;
	if (first) {
		if (!PQsendPrepare(db->conn, name, sql, 0, NULL))
			return false;
		p = mem_alloc(sizeof(*p));
		p->name = mem_dup(str_z(name));
		map_put(db->prepared, str_z(p->name), p);
		waiting_add(db, WAIT_PREPARE, NULL, NULL, 0)->prepared = p;
	}
	if (!send_named(db, name, params))
		return false;
	waiting_add(db, WAIT_STATEMENT, fn, arg, tag)->prepared = first ? p : NULL;
	return true;
}

bool db_sync(struct db *db, db_result_fn *fn, void *arg, int tag)
{
	if (db->state != DB_UP || !PQpipelineSync(db->conn))
		return false;
	waiting_add(db, WAIT_SYNC, fn, arg, tag);
	return true;
}

/* PQflush says 1 when the socket is full: only then do we wait for writability. */
void db_flush(struct db *db)
{
	if (!db->conn || db->state == DB_CONNECTING || (!db->unflushed && !db->want_write))
		return;
	int left = PQflush(db->conn);
	if (left < 0) {
		lost(db, PQerrorMessage(db->conn));
		return;
	}
	db->unflushed = false;
	db->want_write = left > 0;
	poll_for(db, left > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

struct str db_cell(const PGresult *res, int row, int column)
{
	if (PQgetisnull(res, row, column))
		return (struct str){ 0 };
	return str_n(PQgetvalue(res, row, column), PQgetlength(res, row, column));
}

const char *db_sqlstate(const PGresult *res)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;

	return state ? state : "08006";
}

const char *db_message(const PGresult *res)
{
	static char text[512];
	const char *primary = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : "connection lost";
	const char *context = res ? PQresultErrorField(res, PG_DIAG_CONTEXT) : NULL;

	snprintf(text, sizeof(text), "%s%s%.200s", primary ? primary : "unknown error", context ? "; " : "",
		 context ? context : "");
	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '"')
			*p = ' ';
	return text;
}

/* Only what a statement can do wrong by itself; all else is the server's, and blames no text. */
enum db_blame db_blame(const PGresult *res)
{
	static const char *const own[] = { "20", "21", "22", "23", "2F", "38", "39", "42", "44", "54", "P0" };

	if (!res)
		return DB_BLAME_CONNECTION;
	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_PIPELINE_SYNC:
		return DB_OK;
	case PGRES_PIPELINE_ABORTED:
		return DB_ABORTED;
	default:
		break;
	}
	const char *state = db_sqlstate(res);
	if (strcmp(state, "57014") == 0)
		return DB_BLAME_TEXT;
	for (unsigned i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strncmp(state, own[i], 2) == 0)
			return DB_BLAME_TEXT;
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0 || strcmp(state, "25006") == 0 ||
	    strcmp(state, "26000") == 0)
		return DB_BLAME_CONNECTION;
	return DB_BLAME_SERVER;
}
