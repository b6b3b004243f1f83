/* remind - reminders: a trigger that another channel reported (hall.trigger) runs the SQL of those reminders of the active
 * tables that wait for it, each row becomes a message, and the messages are put behind the door, all in one transaction
 * with the trigger.  Several smsd share the work: each takes triggers that no other has locked.  One trigger whose SQL or
 * text fails is marked so, alone; the others go on. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/metric.h"
#include "flow/hall.h"
#include "text/optout.h"

enum { TAKE_MAX = 50, LOOK_MS = 500, RUNS_MAX = 512 };
enum { TAG_NONE = -1, TAG_TRIGGERS = -2, TAG_COMMIT = -3, TAG_LINES = -4, TAG_ONCE = 1 << 16 };
enum state { IDLE, TAKING, RUNNING, ASKING_ONCE, PUTTING, ROLLING_BACK, MARKING };

struct trigger {
	struct str id, name;
	struct uuid uuid;
	int64_t at_us;
};

/* One reminder for one trigger. */
struct run {
	const struct command *reminder;
	unsigned trigger;
	PGresult *rows, *once;
};

struct remind {
	struct hall *hall;
	struct db *db;
	enum state state;
	struct tables *tables;
	struct arena *arena;
	uint64_t look_ms;
	unsigned due;
	bool failed, alone, committed;
	struct trigger trigger[TAKE_MAX];
	unsigned ntriggers, nruns;
	PGresult *lines;		/* opt-out lines by class */
	struct run run[RUNS_MAX];
	char error[300];
	struct array array[6];
	char now_text[40];
};

static bool on_result(void *arg, int tag, PGresult *res)
{
	struct remind *r = arg;
	enum db_blame blame = db_blame(res);

	r->due--;
	if (blame != DB_OK) {
		if (blame != DB_ABORTED && !r->failed)
			snprintf(r->error, sizeof(r->error), "%s", db_message(res));
		r->failed = true;
		return false;
	}
	if (tag >= TAG_ONCE) {
		r->run[tag - TAG_ONCE].once = res;
		return true;
	}
	if (tag >= 0) {
		r->run[tag].rows = res;
		return true;
	}
	if (tag == TAG_LINES) {
		r->lines = res;
		return true;
	}
	if (tag == TAG_COMMIT)
		r->committed = strcmp(PQcmdStatus(res), "COMMIT") == 0;
	if (tag != TAG_TRIGGERS)
		return false;
	r->ntriggers = 0;
	for (int i = 0; i < PQntuples(res) && r->ntriggers < TAKE_MAX; i++) {
		struct trigger *t = &r->trigger[r->ntriggers];

		t->id = arena_str(r->arena, db_cell(res, i, 0));
		t->name = arena_str(r->arena, db_cell(res, i, 1));
		t->at_us = strtoll(PQgetvalue(res, i, 2), NULL, 10);
		r->ntriggers += uuid_parse(t->id, &t->uuid, NULL) == 0;
	}
	return false;
}

static void queued(struct remind *r, bool ok)
{
	if (ok)
		r->due++;
	else
		r->failed = true;
}

static void ask(struct remind *r, enum query q, const struct db_params *p, int tag)
{
	queued(r, db_query(r->db, q, p, on_result, r, tag));
}

static void wait_for(struct remind *r, enum state state)
{
	queued(r, db_sync(r->db, on_result, r, TAG_NONE));
	r->state = state;
	db_flush(r->db);
}

static void forget(struct remind *r)
{
	for (unsigned i = 0; i < r->nruns; i++) {
		PQclear(r->run[i].rows);
		PQclear(r->run[i].once);
	}
	PQclear(r->lines);
	r->lines = NULL;
	memset(r->run, 0, sizeof(r->run));
	r->nruns = r->ntriggers = 0;
	tables_unref(&r->tables);
	arena_reset(r->arena);
	r->failed = r->committed = false;
	r->due = 0;
	r->state = IDLE;
}

static void take(struct remind *r)
{
	struct db_params p = { 0 };
	time_t s = hall_clock_us() / 1000000;
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(r->now_text, sizeof(r->now_text), "%Y-%m-%d %H:%M:%S+00", &tm);
	r->tables = tables_ref(r->hall->tables);
	array_begin(&r->array[0], ARRAY_TEXT);
	for (unsigned i = 0; i < r->tables->ncommands; i++)
		if (r->tables->command[i]->reminder)
			array_text(&r->array[0], str_z(r->tables->command[i]->reminder->on));
	array_param(&r->array[0], &p);
	db_param_text(&p, r->alone ? "1" : "50");
	ask(r, Q_BEGIN, NULL, TAG_NONE);
	ask(r, Q_TRIGGER_TAKE, &p, TAG_TRIGGERS);
	ask(r, Q_OPT_OUT_LINES, NULL, TAG_LINES);
	wait_for(r, TAKING);
}

static void run_one(struct remind *r, const struct command *c, unsigned trigger)
{
	struct db_params p = { 0 };

	if (r->nruns == RUNS_MAX)
		return;
	for (unsigned k = 0; k < c->nparams; k++)
		db_param_text(&p, c->param[k].source == PARAM_NOW ? r->now_text : r->trigger[trigger].id.ptr);
	r->run[r->nruns] = (struct run){ .reminder = c, .trigger = trigger };
	queued(r, db_statement(r->db, c->function, c->statement, &p, on_result, r, (int)r->nruns++));
}

static void run_all(struct remind *r)
{
	for (unsigned t = 0; t < r->ntriggers; t++)
		for (unsigned i = 0; i < r->tables->ncommands; i++) {
			const struct command *c = r->tables->command[i];

			if (c->reminder && str_eqz(r->trigger[t].name, c->reminder->on))
				run_one(r, c, t);
		}
	wait_for(r, RUNNING);
}

/* What must not repeat, as one text. */
static struct str scope_of(struct remind *r, const struct run *run, int row)
{
	const struct reminder *reminder = run->reminder->reminder;
	struct str scope = STR("");

	for (unsigned k = 0; k < reminder->nonce; k++) {
		struct str cell = db_cell(run->rows, row, command_column(run->reminder, reminder->once[k]));

		scope = arena_printf(r->arena, "%.*s%s%.*s", STR_ARG(scope), k ? "|" : "", STR_ARG(cell));
	}
	return scope;
}

static void ask_once(struct remind *r)
{
	for (unsigned i = 0; i < r->nruns; i++) {
		const struct run *run = &r->run[i];
		const struct reminder *reminder = run->reminder->reminder;
		int who = command_column(run->reminder, "msisdn");
		struct db_params p = { 0 };
		char days[12];

		if (!reminder->once_days || !PQntuples(run->rows))
			continue;
		array_begin(&r->array[0], ARRAY_TEXT);
		array_begin(&r->array[1], ARRAY_TEXT);
		for (int row = 0; row < PQntuples(run->rows); row++) {
			array_text(&r->array[0], db_cell(run->rows, row, who));
			array_text(&r->array[1], scope_of(r, run, row));
		}
		snprintf(days, sizeof(days), "%u", reminder->once_days);
		db_param_text(&p, run->reminder->id);
		array_param(&r->array[0], &p);
		array_param(&r->array[1], &p);
		db_param_text(&p, days);
		db_param_text(&p, r->now_text);
		ask(r, Q_REMINDER_ONCE, &p, TAG_ONCE + (int)i);
	}
	wait_for(r, ASKING_ONCE);
}

static bool may_send(struct remind *r, const struct run *run, int row, struct str msisdn)
{
	if (!run->reminder->reminder->once_days)
		return true;
	struct str scope = scope_of(r, run, row);
	for (int i = 0; i < PQntuples(run->once); i++)
		if (str_eq(db_cell(run->once, i, 0), msisdn) && str_eq(db_cell(run->once, i, 1), scope))
			return true;
	return false;
}

struct cells {
	const struct run *run;
	int row;
	struct str now;
};

static struct str fill(void *arg, unsigned row, unsigned col)
{
	const struct cells *c = arg;

	(void)row;
	if (col < c->run->reminder->ncolumns)
		return db_cell(c->run->rows, c->row, (int)col);
	return col - c->run->reminder->ncolumns == 1 ? c->now : (struct str){ 0 };
}

static struct str line_of(const struct remind *r, const char *class, enum lang lang)
{
	for (int i = 0; i < PQntuples(r->lines); i++)
		if (str_eqz(db_cell(r->lines, i, 0), class))
			return db_cell(r->lines, i, lang == LANG_EN ? 2 : 1);
	return (struct str){ 0 };
}

static struct str text_of(struct remind *r, const struct run *run, int row, enum lang lang)
{
	struct cells cells = { run, row, str_z(r->now_text) };
	struct template_data data = { .rows = 1, .get = fill, .arg = &cells, .lang = lang_name(lang) };
	struct buf out = { 0 };

	template_render(run->reminder->outcome[0].text.template[lang], &data, &out);
	struct str text = arena_str(r->arena, buf_get(&out));
	buf_free(&out);
	return optout_append(r->arena, text, line_of(r, run->reminder->reminder->class, lang));
}

/* The id follows from the trigger, the reminder and the row: put again, it is the same message. */
static void put_run(struct remind *r, unsigned i)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_UUID, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2 };
	const struct run *run = &r->run[i];
	const struct trigger *t = &r->trigger[run->trigger];
	int who = command_column(run->reminder, "msisdn"), lang_at = command_column(run->reminder, "lang");
	struct db_params p = { 0 };
	char version[12], at[8];

	for (unsigned k = 0; k < 6; k++)
		array_begin(&r->array[k], type[k]);
	for (int row = 0; row < PQntuples(run->rows); row++) {
		struct str msisdn = db_cell(run->rows, row, who);
		struct str chosen = lang_at < 0 ? (struct str){ 0 } : db_cell(run->rows, row, lang_at);

		if (!msisdn.ptr || !may_send(r, run, row, msisdn))
			continue;
		enum lang lang = lang_parse(chosen);
		struct str text = text_of(r, run, row, lang);
		struct uuid id = uuid_derive(&t->uuid, (uint32_t)map_hash(str_z(run->reminder->id)) ^ (uint32_t)row);
		array_text(&r->array[0], msisdn);
		array_uuid(&r->array[1], &id);
		array_uuid(&r->array[2], &t->uuid);
		array_text(&r->array[3], text);
		array_text(&r->array[4], str_z(lang_name(lang)));
		array_int2(&r->array[5], (int)segment_count(text));
	}
	if (!r->array[0].count)
		return;
	metric_add_label(M_REMINDERS, run->reminder->id, r->array[0].count);
	snprintf(version, sizeof(version), "%d", r->tables->version);
	bin_time(at, t->at_us);
	array_param(&r->array[0], &p);
	array_param(&r->array[1], &p);
	db_param_text(&p, run->reminder->reminder->class);
	array_param(&r->array[2], &p);
	db_param_text(&p, run->reminder->id);
	array_param(&r->array[3], &p);
	array_param(&r->array[4], &p);
	array_param(&r->array[5], &p);
	db_param_text(&p, r->hall->conf->port[0]);
	db_param_text(&p, version);
	db_param_bytes(&p, at, 8);
	ask(r, Q_DOOR_PUT, &p, TAG_NONE);
}

static void put_all(struct remind *r)
{
	struct db_params p = { 0 };

	for (unsigned i = 0; i < r->nruns; i++)
		put_run(r, i);
	array_begin(&r->array[0], ARRAY_UUID);
	for (unsigned t = 0; t < r->ntriggers; t++)
		array_uuid(&r->array[0], &r->trigger[t].uuid);
	array_param(&r->array[0], &p);
	ask(r, Q_TRIGGER_DONE, &p, TAG_NONE);
	ask(r, Q_COMMIT, NULL, TAG_COMMIT);
	wait_for(r, PUTTING);
}

/* ---- trouble ---- */

static void roll_back(struct remind *r)
{
	r->due = 0;
	ask(r, Q_ROLLBACK, NULL, TAG_NONE);
	wait_for(r, ROLLING_BACK);
}

/* Only a trigger that was alone is to blame. */
static void after_rollback(struct remind *r)
{
	struct db_params p = { 0 };

	r->failed = false;
	if (!r->alone || r->ntriggers != 1) {
		log_warn("reminders_again", "triggers=%u error=\"%s\"", r->ntriggers, r->error);
		forget(r);
		r->alone = true;
		return;
	}
	log_error("trigger_failed", "id=%.*s name=%.*s error=\"%s\" remedy=\"correct the reminder, then report the trigger again\"",
		  STR_ARG(r->trigger[0].id), STR_ARG(r->trigger[0].name), r->error);
	db_param_text(&p, arena_z(r->arena, r->trigger[0].id));
	db_param_text(&p, r->error);
	ask(r, Q_TRIGGER_FAILED, &p, TAG_NONE);
	wait_for(r, MARKING);
}

static void done(struct remind *r, unsigned taken)
{
	bool more = taken == (r->alone ? 1 : TAKE_MAX);

	if (!taken)
		r->alone = false;
	forget(r);
	r->look_ms = uv_now(r->hall->loop) + (more || r->alone ? 0 : LOOK_MS);
}

static void on_answers(struct remind *r)
{
	if (r->failed) {
		if (!db_is_up(r->db))
			forget(r);
		else if (r->state == ROLLING_BACK || r->state == MARKING)
			db_reset(r->db, r->error);
		else
			roll_back(r);
		return;
	}
	switch (r->state) {
	case TAKING:
		if (r->ntriggers) {
			run_all(r);
		} else {
			ask(r, Q_ROLLBACK, NULL, TAG_NONE);
			wait_for(r, PUTTING);
		}
		break;
	case RUNNING: ask_once(r); break;
	case ASKING_ONCE: put_all(r); break;
	case PUTTING:
		if (r->ntriggers && !r->committed)
			log_warn("reminders_again", "triggers=%u error=\"COMMIT did not commit\"", r->ntriggers);
		done(r, r->ntriggers);
		break;
	case ROLLING_BACK: after_rollback(r); break;
	case MARKING: forget(r); break;
	case IDLE: break;
	}
}

void remind_step(struct remind *r)
{
	struct hall *hall = r->hall;

	if (r->state != IDLE) {
		if (r->due == 0)
			on_answers(r);
		return;
	}
	if (!hall->tables || !hall->tables->reminders || !hall->instance_ours || hall->draining || !db_is_up(r->db))
		return;
	if (uv_now(hall->loop) < r->look_ms) {
		hall_wake(hall, r->look_ms - uv_now(hall->loop));
		return;
	}
	take(r);
}

static void on_event(void *arg, enum db_event event, const char *text)
{
	struct remind *r = arg;

	(void)text;
	if (event == DB_EV_DOWN)
		forget(r);
}

struct remind *remind_new(struct hall *hall)
{
	struct remind *r = mem_alloc(sizeof(*r));

	r->hall = hall;
	r->arena = arena_new();
	r->db = db_new(hall->loop, hall->conf->db_conninfo, "remind", on_event, r);
	return r;
}

void remind_free(struct remind **remind)
{
	struct remind *r = *remind;

	*remind = NULL;
	db_free(&r->db);
	forget(r);
	for (unsigned k = 0; k < sizeof(r->array) / sizeof(*r->array); k++)
		array_free(&r->array[k]);
	arena_free(&r->arena);
	free(r);
}
