/* control - the connection beside the lanes: it holds the instance's lock, listens
 * for new table versions and parked texts to run again, keeps partitions made ahead, and adopts
 * what an instance that died had not sent.  Nothing here is in a text's way. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/hall.h"

enum { HOUSEKEEPING_MS = 5000, SLOW_EVERY = 12, PARTITIONS_EVERY = 720, LEASE_S = 15, SILENCE_MOST = 5000 };
enum job {
	JOB_NONE, JOB_LISTEN, JOB_LOCK, JOB_VERSION, JOB_FILES, JOB_FUNCTIONS, JOB_VOCABULARY, JOB_PARKED,
	JOB_PARTITIONS, JOB_ORPHANS, JOB_ADOPT_LOCK, JOB_ADOPT, JOB_COMMIT, JOB_PURGE, JOB_SEEN, JOB_RETIRE, JOB_FORGET,
	JOB_OLDER, JOB_ADOPTED, JOB_LEASE, JOB_SILENCE, JOB_LEFT,
	JOB_COUNT
};
enum { RETRY_NUMBER = 0x50000000 };	/* ids of tries: apart from those of answers (uuid_derive) */

/* A version on its way from the database to being in force; parsed in the pool. */
struct load {
	uv_work_t work;
	struct control *control;
	struct arena *arena;
	int version;
	unsigned nsources, nbindings;
	struct source *source;
	struct binding *binding;
	struct tables *tables;
	struct problems problems;
};

/* An orphaned connection, to be adopted. */
struct orphan {
	char instance[64], conn[12];
};

struct control {
	struct hall *hall;
	struct db *db;
	uv_timer_t timer;
	unsigned rounds;
	bool want[JOB_COUNT];		/* asked for at the next step */
	bool freeing;
	struct load *load;		/* on its way */
	int active;			/* version that the database says is active */
	struct orphan orphan[32];
	unsigned norphans;
	bool adopting, adopt_answered, adopt_locked;
	PGresult *adopted;		/* the MTs, until COMMIT */
	struct mark *adopt_mark;	/* their batch: lane 0's mark may not pass it before they are in the outbox */
	int64_t adopt_batch;
	bool adopt_doubt;		/* whether they are ours must be asked */
	unsigned lock_tries;
	int refused;			/* a version that did not parse: not tried again until announced */
	int older[OLDER_MAX];		/* versions whose questions are open, to be loaded too */
	unsigned nolder;
	bool older_known;
	uint64_t lease_asked_ms;
	bool leaving;			/* said that it ends, and has no answer yet */
};

static bool on_result(void *arg, int tag, PGresult *res);
static void step(struct control *c);

static void ask(struct control *c, enum query q, const struct db_params *p, enum job job)
{
	db_query(c->db, q, p, on_result, c, job);
}

static void ask_alone(struct control *c, enum query q, const struct db_params *p, enum job job)
{
	ask(c, q, p, job);
	db_sync(c->db, on_result, c, JOB_NONE);
}

/* --- table versions --------------------------------------------------------- */

static void take_files(struct load *load, const PGresult *res)
{
	load->nsources = PQntuples(res);
	load->source = arena_alloc(load->arena, (load->nsources + 1) * sizeof(*load->source));
	for (unsigned i = 0; i < load->nsources; i++) {
		load->source[i].name = arena_z(load->arena, db_cell(res, i, 0));
		load->source[i].content = arena_str(load->arena, db_cell(res, i, 1));
	}
}

/* Names joined by newlines, as an array. */
static const char **split(struct arena *arena, struct str lines, unsigned *n_r)
{
	const char **list;
	unsigned n = 0;

	*n_r = 0;
	if (!lines.len)
		return NULL;
	for (size_t i = 0; i < lines.len; i++)
		n += lines.ptr[i] == '\n';
	list = arena_alloc(arena, (n + 1) * sizeof(*list));
	char *p = arena_z(arena, lines);
	for (char *end; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		*end = '\0';
		list[(*n_r)++] = p;
	}
	list[(*n_r)++] = p;
	return list;
}

static void take_functions(struct load *load, const PGresult *res)
{
	load->nbindings = PQntuples(res);
	load->binding = arena_alloc(load->arena, (load->nbindings + 1) * sizeof(*load->binding));
	for (unsigned i = 0; i < load->nbindings; i++) {
		struct binding *b = &load->binding[i];

		b->command = arena_z(load->arena, db_cell(res, i, 0));
		b->function = arena_z(load->arena, db_cell(res, i, 1));
		b->column = split(load->arena, db_cell(res, i, 2), &b->ncolumns);
		b->outcome = split(load->arena, db_cell(res, i, 3), &b->noutcomes);
		b->param_type = split(load->arena, db_cell(res, i, 4), &b->nparams);
	}
}

static void load_free(struct load *load)
{
	tables_unref(&load->tables);
	arena_free(&load->problems.arena);
	arena_free(&load->arena);
	free(load);
}

static void in_pool(uv_work_t *work)
{
	struct load *load = work->data;

	load->problems.arena = arena_new();
	load->tables = tables_parse(load->source, load->nsources, &load->problems);
	if (!load->problems.errors)
		tables_bind(load->tables, load->binding, load->nbindings, &load->problems);
	load->tables->version = load->version;
}

/* Its questions are open still; a start or a rollback had put it out of memory.  What does not parse any more is left
 * out: its customers hear that they are too late. */
static void take_older(struct control *c, struct load *load)
{
	if (load->problems.errors)
		log_warn("older_tables_lost", "version=%d errors=%u", load->version, load->problems.errors);
	else
		hall_keep_tables(c->hall, load->tables);
}

static void take_over(struct control *c, struct load *load)
{
	struct hall *hall = c->hall;

	if (load->version != c->active) {
		take_older(c, load);
		return;
	}

	if (load->problems.errors) {
		const struct problem *p = &load->problems.list[0];

		for (unsigned i = 0; i < load->problems.n && p->level != PROBLEM_ERROR; i++)
			p = &load->problems.list[i];
		log_error("tables_refused", "version=%d in_force=%d errors=%u first=\"%s:%u:%u: %s\" remedy=\"smsctl tables rollback\"",
			  load->version, hall->tables ? hall->tables->version : 0, load->problems.errors,
			  p->place.file ? p->place.file : "-", p->place.line, p->place.column, p->text);
		c->refused = load->version;
		return;
	}
	CRASH(tables_parsed);
	hall_take_tables(hall, load->tables);
	CRASH(tables_swapped);
	metric_set(M_VERSION, load->version);
	metric_add(M_TABLE_SWAPS, 1);
	log_info("tables_in_force", "version=%d commands=%u tips=%u", load->version, hall->tables->ncommands,
		 hall->tables->ntips);
}

static void after_pool(uv_work_t *work, int status)
{
	struct load *load = work->data;
	struct control *c = load->control;

	if (c->freeing) {
		c->load = NULL;
		load_free(load);
		free(c);
		return;
	}
	if (status == 0)
		take_over(c, load);
	c->load = NULL;
	load_free(load);
	c->want[JOB_SEEN] = true;
	c->want[JOB_VERSION] = true;	/* another may have become active meanwhile */
	step(c);
}

static void start_load(struct control *c, int version)
{
	struct db_params p = { 0 };
	char text[12];

	snprintf(text, sizeof(text), "%d", version);
	db_param_text(&p, text);
	c->load = mem_alloc(sizeof(*c->load));
	c->load->control = c;
	c->load->work.data = c->load;
	c->load->arena = arena_new();
	c->load->version = version;
	ask_alone(c, Q_VERSION_FILES, &p, JOB_FILES);
	ask_alone(c, Q_VERSION_FUNCTIONS, &p, JOB_FUNCTIONS);
}

static void take_vocabulary(struct control *c, const PGresult *res)
{
	struct vocabulary *v = vocabulary_new();

	for (int r = 0; r < PQntuples(res); r++)
		vocabulary_add(v, db_cell(res, r, 0), db_cell(res, r, 1), db_cell(res, r, 2));
	vocabulary_unref(&c->hall->vocabulary);
	c->hall->vocabulary = v;
	nearest_words_free(&c->hall->words);
	c->hall->words = nearest_words_new(v);
}

/* --- parked texts -------------------------------------------------------------- */

static void retry_parked(struct control *c, const PGresult *res, int r)
{
	struct hall *hall = c->hall;
	struct arena *arena = arena_new();
	struct str plain;
	struct uuid id;
	struct err err;
	size_t size = 0;
	unsigned char *sealed = PQunescapeBytea((unsigned char *)PQgetvalue(res, r, 5), &size);

	if (uuid_parse(db_cell(res, r, 0), &id, &err) < 0 ||
	    seal_open(&hall->seal, arena, str_n((char *)sealed, size), &plain, &err) < 0) {
		log_error("retry_failed", "id=%s why=\"%s\"", PQgetvalue(res, r, 0), err.text);
	} else {
		struct text *t = text_new(db_cell(res, r, 1), db_cell(res, r, 3), db_cell(res, r, 4), plain);

		t->id = uuid_derive(&id, RETRY_NUMBER + atoi(PQgetvalue(res, r, 6)));
		t->parked_id = id;
		t->retry = true;
		t->alone = true;
		t->at_us = strtoll(PQgetvalue(res, r, 2), NULL, 10) * 1000000;
		snprintf(t->msisdn.text, sizeof(t->msisdn.text), "%s", PQgetvalue(res, r, 1));
		inbox_put(hall, t);
		log_info("retry", "id=%s attempt=%s", PQgetvalue(res, r, 0), PQgetvalue(res, r, 6));
	}
	PQfreemem(sealed);
	arena_free(&arena);
}

/* --- dead instances -------------------------------------------------------------- */

static void take_orphans(struct control *c, const PGresult *res)
{
	if (c->adopting || c->norphans)
		return;		/* was asked twice while the database was slow: the first answer is being worked off */
	for (int r = 0; r < PQntuples(res) && c->norphans < 32; r++) {
		struct orphan *o = &c->orphan[c->norphans++];

		snprintf(o->instance, sizeof(o->instance), "%s", PQgetvalue(res, r, 0));
		snprintf(o->conn, sizeof(o->conn), "%s", PQgetvalue(res, r, 1));
	}
}

static void adopt_begin(struct control *c)
{
	struct db_params p = { 0 };

	db_param_text(&p, c->orphan[c->norphans - 1].instance);
	c->adopting = true;
	c->adopt_answered = c->adopt_locked = false;
	ask(c, Q_BEGIN, NULL, JOB_NONE);
	ask(c, Q_ADOPT_LOCK, &p, JOB_ADOPT_LOCK);
	db_sync(c->db, on_result, c, JOB_NONE);
}

/* The rows become those of our first lane, in a batch of their own. */
static void adopt_rows(struct control *c, const struct orphan *o)
{
	struct lane *lane = &c->hall->lane[0];
	struct db_params p = { 0 }, mark = { 0 }, again = { 0 };
	char batch[24];

	c->adopt_batch = ++lane->newest;
	c->adopt_mark = outbox_hold_mark(lane, c->adopt_batch);
	snprintf(batch, sizeof(batch), "%lld", (long long)c->adopt_batch);
	db_param_text(&p, o->instance);
	db_param_text(&p, o->conn);
	db_param_text(&p, c->hall->conf->instance);
	db_param_text(&p, "0");
	db_param_text(&p, batch);
	db_param_text(&mark, c->hall->conf->instance);
	db_param_text(&mark, "0");
	db_param_text(&mark, batch);
	db_param_text(&mark, "0");
	db_param_text(&again, o->instance);
	db_param_text(&again, o->conn);
	ask(c, Q_BLAST_AGAIN, &again, JOB_NONE);
	ask(c, Q_ADOPT, &p, JOB_ADOPT);
	ask(c, Q_SENDER_MARK, &mark, JOB_NONE);
	ask(c, Q_COMMIT, NULL, JOB_COMMIT);
	db_flush(c->db);
	CRASH(adopt_asked);
}

static void adopt_end(struct control *c)
{
	struct orphan *o = &c->orphan[--c->norphans];

	c->adopting = false;
	if (c->adopt_locked)
		adopt_rows(c, o);
	else
		ask(c, Q_ROLLBACK, NULL, JOB_NONE);
	db_sync(c->db, on_result, c, JOB_NONE);
}

static void adopted(struct control *c, const PGresult *commit)
{
	if (c->adopted && strcmp(PQcmdStatus((PGresult *)commit), "COMMIT") == 0)
		outbox_adopt(&c->hall->lane[0], c->adopted);
	PQclear(c->adopted);
	c->adopted = NULL;
	outbox_release_mark(&c->hall->lane[0], &c->adopt_mark);
}

/* The answer to the COMMIT was lost.  Asked once the instance's lock is ours again: then the session
 * that sent it is gone, and what it did is seen. */
static void ask_adopted(struct control *c)
{
	struct db_params p = { 0 };
	char batch[24];

	c->want[JOB_ADOPTED] = false;
	ask_alone(c, Q_ROLLBACK, NULL, JOB_NONE);	/* of what failed in the middle */
	snprintf(batch, sizeof(batch), "%lld", (long long)c->adopt_batch);
	db_param_text(&p, c->hall->conf->instance);
	db_param_text(&p, "0");
	db_param_text(&p, batch);
	ask_alone(c, Q_MT_BATCH, &p, JOB_ADOPTED);
}

static void take_adopted(struct control *c, const PGresult *res)
{
	c->adopt_doubt = false;
	if (!c->adopt_mark)
		return;		/* was asked twice */
	outbox_adopt(&c->hall->lane[0], res);
	outbox_release_mark(&c->hall->lane[0], &c->adopt_mark);
}

/* --- results ------------------------------------------------------------------------ */

static void take_lock(struct control *c, const PGresult *res)
{
	c->hall->instance_ours = *PQgetvalue(res, 0, 0) == 't';
	if (c->hall->instance_ours)
		c->lock_tries = 0;
	else if (c->lock_tries++ % 12 == 1)
		log_warn("instance_taken", "instance=%s why=\"another smsd holds this name; waiting to take over\"",
			 c->hall->conf->instance);
}

static void take_version(struct control *c, const PGresult *res)
{
	c->active = PQntuples(res) ? atoi(PQgetvalue(res, 0, 0)) : 0;
	if (!c->active && !c->hall->tables)
		log_error("no_tables", "why=\"no active table version\" remedy=\"smsctl tables apply DIR\"");
}

static bool take(struct control *c, enum job job, PGresult *res)
{
	switch (job) {
	case JOB_LOCK:
		take_lock(c, res);
		break;
	case JOB_VERSION:
		take_version(c, res);
		break;
	case JOB_FILES:
		take_files(c->load, res);
		break;
	case JOB_FUNCTIONS:
		take_functions(c->load, res);
		uv_queue_work(c->hall->loop, &c->load->work, in_pool, after_pool);
		break;
	case JOB_VOCABULARY:
		take_vocabulary(c, res);
		break;
	case JOB_OLDER:
		c->older_known = true;
		for (int r = 0; r < PQntuples(res) && c->nolder < OLDER_MAX; r++)
			c->older[c->nolder++] = atoi(PQgetvalue(res, r, 0));
		break;
	case JOB_PARKED:
		for (int r = 0; r < PQntuples(res); r++)
			retry_parked(c, res, r);
		break;
	case JOB_ORPHANS:
		take_orphans(c, res);
		break;
	case JOB_RETIRE:
		for (int r = 0; r < PQntuples(res); r++)
			log_info("partition_dropped", "name=%s", PQgetvalue(res, r, 0));
		break;
	case JOB_ADOPT_LOCK:
		c->adopt_answered = true;
		c->adopt_locked = *PQgetvalue(res, 0, 0) == 't';
		break;
	case JOB_ADOPT:
		c->adopted = res;
		return true;
	case JOB_COMMIT:
		adopted(c, res);
		break;
	case JOB_ADOPTED:
		take_adopted(c, res);
		break;
	case JOB_LEASE:		/* it began when it was asked for, at the earliest */
		rate_lease(c->hall->rate, res, c->lease_asked_ms + LEASE_S * 1000);
		break;
	case JOB_SILENCE:
		metric_add(M_NO_REPORT, atoi(PQgetvalue(res, 0, 0)));
		break;
	case JOB_NONE: case JOB_LEFT: case JOB_LISTEN: case JOB_PARTITIONS: case JOB_PURGE: case JOB_FORGET: case JOB_SEEN: case JOB_COUNT:
		break;
	}
	return false;
}

static bool on_result(void *arg, int tag, PGresult *res)
{
	struct control *c = arg;

	if (tag == JOB_LEFT)
		c->leaving = false;
	if (db_blame(res) == DB_OK)
		return take(c, tag, res);
	if (res && db_blame(res) != DB_ABORTED)
		log_error("control_failed", "job=%d sqlstate=%s error=\"%s\"", tag, db_sqlstate(res), db_message(res));
	if (tag == JOB_FUNCTIONS && c->load) {	/* the last of a load's questions: it cannot go on */
		load_free(c->load);
		c->load = NULL;
	}
	if (tag == JOB_OLDER)
		c->older_known = true;
	if (tag == JOB_ADOPT_LOCK)
		c->adopt_answered = true;
	if (tag == JOB_COMMIT) {
		PQclear(c->adopted);
		c->adopted = NULL;
	}
	if (tag == JOB_COMMIT)
		c->adopt_doubt = c->want[JOB_ADOPTED] = true;
	return false;
}

/* --- stepping ------------------------------------------------------------------------- */

/* So that whoever activates a version can see when it is in force. */
static void tell_version(struct control *c)
{
	struct db_params p = { 0 };
	char version[12];

	c->want[JOB_SEEN] = false;
	snprintf(version, sizeof(version), "%d", c->hall->tables->version);
	db_param_text(&p, c->hall->conf->instance);
	db_param_text(&p, version);
	ask_alone(c, Q_INSTANCE_SEEN, &p, JOB_SEEN);
}

/* Our share of the links' rates. */
static void lease(struct control *c)
{
	struct db_params p = { 0 };
	char seconds[12];

	c->want[JOB_LEASE] = false;
	c->lease_asked_ms = uv_now(c->hall->loop);
	snprintf(seconds, sizeof(seconds), "%d", LEASE_S);
	db_param_text(&p, c->hall->conf->instance);
	db_param_text(&p, seconds);
	ask_alone(c, Q_LINK_LEASE, &p, JOB_LEASE);
}

/* Messages of which no report came. */
static void hush(struct control *c)
{
	struct db_params p = { 0 };
	char most[12], now[8];

	c->want[JOB_SILENCE] = false;
	snprintf(most, sizeof(most), "%d", SILENCE_MOST);
	bin_time(now, hall_clock_us());
	db_param_text(&p, most);
	db_param_bytes(&p, now, 8);
	ask_alone(c, Q_DOOR_SILENCE, &p, JOB_SILENCE);
}

/* Days, and lists of blasts, that are older than the retention. */
static void retire(struct control *c)
{
	struct db_params p = { 0 };
	char days[12];

	c->want[JOB_RETIRE] = false;
	snprintf(days, sizeof(days), "%u", c->hall->conf->retention_days);
	db_param_text(&p, days);
	ask_alone(c, Q_PARTITION_RETIRE, &p, JOB_RETIRE);
	ask_alone(c, Q_BLAST_FORGET, &p, JOB_NONE);
}

static void ask_wanted(struct control *c)
{
	static const struct { enum job job; enum query query; } question[] = {
		{ JOB_VERSION, Q_ACTIVE_VERSION }, { JOB_VOCABULARY, Q_VOCABULARY },
		{ JOB_PARKED, Q_PARKED_RETRY }, { JOB_PARTITIONS, Q_PARTITION_AHEAD },
		{ JOB_PURGE, Q_REPEAT_PURGE }, { JOB_FORGET, Q_DIALOGUE_PURGE }, { JOB_OLDER, Q_VERSIONS_ASKING },
	};

	if (c->want[JOB_ADOPTED])
		ask_adopted(c);
	for (unsigned i = 0; i < sizeof(question) / sizeof(*question); i++) {
		if (!c->want[question[i].job])
			continue;
		c->want[question[i].job] = false;
		ask_alone(c, question[i].query, NULL, question[i].job);
	}
	if (c->want[JOB_SEEN] && c->hall->tables)
		tell_version(c);
	if (c->want[JOB_LEASE])
		lease(c);
	if (c->want[JOB_SILENCE])
		hush(c);
	if (c->want[JOB_RETIRE])
		retire(c);
	if (c->want[JOB_ORPHANS] && !c->norphans) {
		struct db_params p = { 0 };
		char lanes[12];

		c->want[JOB_ORPHANS] = false;
		snprintf(lanes, sizeof(lanes), "%u", c->hall->nlanes);
		db_param_text(&p, c->hall->conf->instance);
		db_param_text(&p, lanes);
		ask_alone(c, Q_ORPHANS, &p, JOB_ORPHANS);
	}
}

/* After the active version, the oldest first, so that the newest is kept longest. */
static void load_older(struct control *c)
{
	while (c->nolder && !c->load && c->hall->tables) {
		int version = c->older[--c->nolder];

		if (!hall_tables_of(c->hall, version))
			start_load(c, version);
	}
	c->hall->older_loaded |= c->older_known && !c->nolder && !c->load;
}

static void step(struct control *c)
{
	if (!db_is_up(c->db))
		return;
	if (c->adopting) {	/* nothing may come between its statements */
		if (c->adopt_answered)
			adopt_end(c);
		db_flush(c->db);
		return;
	}
	if (!c->hall->instance_ours) {
		db_flush(c->db);
		return;
	}
	ask_wanted(c);
	if (c->active && !c->load && (!c->hall->tables || c->hall->tables->version != c->active) &&
	    c->refused != c->active)
		start_load(c, c->active);
	load_older(c);
	if (c->norphans && !c->adopting && !c->adopt_mark && c->hall->lane[0].recovered)
		adopt_begin(c);
	db_flush(c->db);
}

static void ask_lock(struct control *c)
{
	struct db_params p = { 0 };

	db_param_text(&p, c->hall->conf->instance);
	ask_alone(c, Q_INSTANCE_LOCK, &p, JOB_LOCK);
}

static void want_all(struct control *c)
{
	c->want[JOB_OLDER] = !c->older_known;
	c->want[JOB_VERSION] = c->want[JOB_VOCABULARY] = c->want[JOB_PARKED] = true;
	c->want[JOB_PARTITIONS] = c->want[JOB_ORPHANS] = c->want[JOB_RETIRE] = c->want[JOB_LEASE] = true;
}

static void on_up(struct control *c)
{
	struct db_params p = { 0 };

	ask(c, Q_LISTEN_TABLES, &p, JOB_LISTEN);
	ask(c, Q_LISTEN_PARKED, &p, JOB_LISTEN);
	ask_alone(c, Q_LISTEN_VOCABULARY, &p, JOB_LISTEN);
	ask_lock(c);
	want_all(c);
	db_flush(c->db);
}

static void on_notify(struct control *c, const char *channel)
{
	if (strcmp(channel, "hall_tables") == 0) {
		c->want[JOB_VERSION] = c->want[JOB_VOCABULARY] = true;
		c->refused = 0;
	} else if (strcmp(channel, "hall_parked") == 0) {
		c->want[JOB_PARKED] = true;
	} else {
		c->want[JOB_VOCABULARY] = true;
	}
	step(c);
}

static void on_event(void *arg, enum db_event event, const char *text)
{
	struct control *c = arg;

	switch (event) {
	case DB_EV_UP:
		on_up(c);
		break;
	case DB_EV_DOWN:
		c->adopting = false;
		c->norphans = 0;
		c->adopt_doubt = c->want[JOB_ADOPTED] = c->adopt_mark != NULL;
		break;
	case DB_EV_NOTIFY:
		on_notify(c, text);
		break;
	case DB_EV_DRAINED:
		step(c);
		break;
	}
}

/* Announcements can be missed while the connection is down or before LISTEN: look again now and then. */
static void on_timer(uv_timer_t *timer)
{
	struct control *c = timer->data;

	if (!db_is_up(c->db))
		return;
	c->rounds++;
	if (!c->hall->instance_ours)
		ask_lock(c);
	c->want[JOB_ORPHANS] = c->want[JOB_SEEN] = c->want[JOB_LEASE] = c->want[JOB_SILENCE] = true;
	c->want[JOB_ADOPTED] = c->adopt_doubt;
	if (!c->hall->tables)
		c->want[JOB_VERSION] = true;
	if (c->rounds % SLOW_EVERY == 0)
		c->want[JOB_VERSION] = c->want[JOB_VOCABULARY] = c->want[JOB_PARKED] = true;
	if (c->rounds % PARTITIONS_EVERY == 0)
		c->want[JOB_PARTITIONS] = c->want[JOB_FORGET] = c->want[JOB_PURGE] = c->want[JOB_RETIRE] = true;
	step(c);
}

struct control *control_new(struct hall *hall)
{
	struct control *c = mem_alloc(sizeof(*c));

	c->hall = hall;
	uv_timer_init(hall->loop, &c->timer);
	c->timer.data = c;
	uv_timer_start(&c->timer, on_timer, HOUSEKEEPING_MS, HOUSEKEEPING_MS);
	c->db = db_new(hall->loop, hall->conf->db_conninfo, "control", on_event, c);
	return c;
}

static void on_closed(uv_handle_t *handle)
{
	struct control *c = handle->data;

	if (!c->load)
		free(c);	/* else after_pool() does */
}

void control_leave(struct control *c)
{
	struct db_params p = { 0 };

	if (!db_is_up(c->db) || !c->hall->instance_ours)
		return;
	db_param_text(&p, c->hall->conf->instance);
	c->leaving = true;
	ask(c, Q_INSTANCE_GONE, &p, JOB_NONE);
	ask(c, Q_BLAST_LEAVE, &p, JOB_NONE);
	db_sync(c->db, on_result, c, JOB_LEFT);
	db_flush(c->db);
}

bool control_left(const struct control *c)
{
	return !c->leaving;
}

void control_free(struct control **control)
{
	struct control *c = *control;

	if (!c)
		return;
	c->freeing = true;
	db_free(&c->db);
	uv_close((uv_handle_t *)&c->timer, on_closed);
	*control = NULL;
}
