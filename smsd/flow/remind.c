/* remind - reminders: what another channel reported (hall.trigger) and what schedules say become runs (hall.reminder_run); when
 * one is due its SQL is run and its rows are kept (hall.reminder_row), then they are worked off some at a time: each
 * becomes a message behind the door, in the transaction in which its row goes.  Several smsd share the work: each takes
 * runs and rows that no other has locked.  What fails is run again alone, and marked when it fails then, if it is to
 * blame; the others go on. */
#include "flow/remind_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"

/* Triggers wake us (LISTEN); what the clock makes due is looked for. */
enum { LOOK_MS = 2000, SOON_MS = 50, SELDOM_MS = 10000, AGAIN_MS = 1000, SCHEDULE_MS = 60000, TIDY_MS = 300000, TRIGGERS_MAX = 200, TIDY_MAX = 500, KEEP_DAYS = 100,
       ALONE_ROUNDS = 2 * RUNS_MAX };

static void take_runs(struct remind *r, const PGresult *res);
static void take_schedule(struct remind *r, const PGresult *res);

static bool on_result(void *arg, int tag, PGresult *res)
{
	struct remind *r = arg;
	enum db_blame blame = db_blame(res);

	r->due--;
	if (blame != DB_OK) {
		if (blame != DB_ABORTED && !r->failed) {
			snprintf(r->error, sizeof(r->error), "%s", db_message(res));
			r->blame = blame;
		}
		r->failed = true;
		return false;
	}
	if (tag >= TAG_ONCE) {
		r->group[tag - TAG_ONCE].once = res;
		return true;
	}
	if (tag == TAG_LINES) {
		r->lines = res;
		return true;
	}
	if (tag >= 0)
		r->run[tag].rows = atoi(PQcmdTuples(res));
	else if (tag == TAG_DUE)
		r->runs_due = *PQgetvalue(res, 0, 0) == 't', r->rows_due = *PQgetvalue(res, 0, 1) == 't';
	else if (tag == TAG_SCHEDULE)
		take_schedule(r, res);
	else if (tag == TAG_PLANNED)
		r->planned = atoi(PQgetvalue(res, 0, 0));
	else if (tag == TAG_RUNS)
		take_runs(r, res);
	else if (tag == TAG_ROWS)
		remind_rows_taken(r, res);
	else if (tag == TAG_COMMIT)
		r->committed = strcmp(PQcmdStatus(res), "COMMIT") == 0;
	else if (tag == TAG_TIDY) {
		r->tidied = atoi(PQgetvalue(res, 0, 0));
		snprintf(r->tidy_after, sizeof(r->tidy_after), "%s", PQgetvalue(res, 0, 1));
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

void remind_ask(struct remind *r, enum query q, const struct db_params *params, int tag)
{
	queued(r, db_query(r->db, q, params, on_result, r, tag));
}

void remind_wait(struct remind *r, enum remind_state state)
{
	queued(r, db_sync(r->db, on_result, r, TAG_NONE));
	r->state = state;
	db_flush(r->db);
}

static void forget(struct remind *r)
{
	remind_rows_forget(r);
	r->nruns = r->planned = 0;
	tables_unref(&r->tables);
	arena_reset(r->arena);
	r->failed = r->committed = r->runs_due = r->rows_due = false;
	r->blame = DB_OK;
	r->due = 0;
	r->state = REMIND_IDLE;
}

/* ---- what all rounds begin with ---- */

void remind_now(struct remind *r)
{
	r->now_us = hall_clock_us();
	time_t s = r->now_us / 1000000;
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(r->now_text, sizeof(r->now_text), "%Y-%m-%d %H:%M:%S+00", &tm);
}

static const char *number(struct remind *r, long long n)
{
	return arena_printf(r->arena, "%lld", n).ptr;
}

static const struct command *next_reminder(const struct tables *t, unsigned *i)
{
	while (*i < t->ncommands)
		if (t->command[(*i)++]->reminder)
			return t->command[*i - 1];
	return NULL;
}

/* Array 0: all reminders; array 1: the triggers that they wait for. */
static void name_all(struct remind *r)
{
	const struct command *c;

	array_begin(&r->array[0], ARRAY_TEXT);
	array_begin(&r->array[1], ARRAY_TEXT);
	for (unsigned i = 0; (c = next_reminder(r->tables, &i)) != NULL;) {
		array_text(&r->array[0], str_z(c->id));
		if (c->reminder->on)
			array_text(&r->array[1], str_z(c->reminder->on));
	}
}

static void look(struct remind *r)
{
	struct db_params p = { 0 };

	r->noticed = false;
	r->tables = tables_ref(r->hall->tables);
	r->looked = r->tables->version;
	remind_now(r);
	name_all(r);
	array_param(&r->array[1], &p);
	array_param(&r->array[0], &p);
	db_param_text(&p, r->now_text);
	remind_ask(r, Q_REMINDER_DUE, &p, TAG_DUE);
	remind_wait(r, REMIND_LOOKING);
}

/* ---- schedules and triggers become runs ---- */

static bool schedule_due(const struct remind *r)
{
	return r->version != r->tables->version || !r->next_us || r->now_us >= r->next_us ||
	       uv_now(r->hall->loop) - r->schedule_ms >= SCHEDULE_MS;
}

static void take_schedule(struct remind *r, const PGresult *res)
{
	r->next_us = INT64_MAX;
	for (int i = 0; i < PQntuples(res); i++) {
		int64_t next = strtoll(PQgetvalue(res, i, 1), NULL, 10);

		if (next < r->next_us)
			r->next_us = next;
	}
	r->version = r->tables->version;
	r->schedule_ms = uv_now(r->hall->loop);
}

static void ask_schedule(struct remind *r)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_TIMESTAMPTZ };
	struct db_params p = { 0 };
	const struct command *c;

	for (unsigned k = 0; k < 5; k++)
		array_begin(&r->array[k], type[k]);
	for (unsigned i = 0; (c = next_reminder(r->tables, &i)) != NULL;) {
		int64_t last, next;

		if (!c->reminder->every)
			continue;
		remind_moments(c->reminder, r->now_us, &last, &next);
		array_text(&r->array[0], str_z(c->id));
		array_text(&r->array[1], str_z(c->reminder->every));
		array_text(&r->array[2], str_z(c->reminder->zone));
		array_time(&r->array[3], last);
		array_time(&r->array[4], next);
	}
	db_param_text(&p, number(r, r->tables->version));
	for (unsigned k = 0; k < 5; k++)
		array_param(&r->array[k], &p);
	remind_ask(r, Q_REMINDER_SCHEDULE, &p, TAG_SCHEDULE);
}

static void ask_plan(struct remind *r)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2, ARRAY_TEXT };
	struct db_params p = { 0 };
	const struct command *c;

	for (unsigned k = 0; k < 4; k++)
		array_begin(&r->array[k], type[k]);
	for (unsigned i = 0; (c = next_reminder(r->tables, &i)) != NULL;)
		for (unsigned step = 0; c->reminder->on && step < c->reminder->nsteps; step++) {
			array_text(&r->array[0], str_z(c->id));
			array_text(&r->array[1], str_z(c->reminder->on));
			array_int2(&r->array[2], (int)step + 1);
			array_text(&r->array[3], str_z(number(r, c->reminder->after_s[step])));
		}
	for (unsigned k = 0; k < 4; k++)
		array_param(&r->array[k], &p);
	db_param_text(&p, number(r, TRIGGERS_MAX));
	remind_ask(r, Q_REMINDER_PLAN, &p, TAG_PLANNED);
}

static void plan(struct remind *r)
{
	struct db_params p = { 0 };

	remind_ask(r, Q_BEGIN, NULL, TAG_NONE);
	if (schedule_due(r))
		ask_schedule(r);
	ask_plan(r);
	name_all(r);
	array_param(&r->array[0], &p);
	db_param_text(&p, number(r, r->alone ? 1 : RUNS_MAX));
	db_param_text(&p, r->now_text);
	remind_ask(r, Q_REMINDER_TAKE, &p, TAG_RUNS);
	remind_wait(r, REMIND_PLANNING);
}

/* ---- runs ---- */

static unsigned last_step(const struct reminder *reminder)
{
	return reminder->levels ? reminder->levels : reminder->nsteps;
}

static void take_runs(struct remind *r, const PGresult *res)
{
	r->nruns = 0;
	for (int i = 0; i < PQntuples(res) && r->nruns < RUNS_MAX; i++) {
		struct run *run = &r->run[r->nruns++];

		*run = (struct run){
			.id = arena_str(r->arena, db_cell(res, i, 0)), .reminder = arena_str(r->arena, db_cell(res, i, 1)),
			.trigger = arena_str(r->arena, db_cell(res, i, 2)), .step = (unsigned)atoi(PQgetvalue(res, i, 3)),
			.due_us = strtoll(PQgetvalue(res, i, 4), NULL, 10),
		};
		run->command = tables_find(r->tables, "", run->reminder);
		if (run->command && (!run->command->reminder || run->step > last_step(run->command->reminder)))
			run->command = NULL;
	}
}

static const char *moment(struct remind *r, const struct run *run)
{
	time_t due = run->due_us / 1000000;
	char text[40];
	struct tm tm;

	if (!run->command->reminder->every)
		return r->now_text;
	gmtime_r(&due, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S+00", &tm);
	return arena_z(r->arena, str_z(text));
}

static void run_one(struct remind *r, unsigned i)
{
	const struct run *run = &r->run[i];
	const struct command *c = run->command;
	struct remind_param in = { run->trigger.ptr, moment(r, run), run->step };
	struct db_params p = { 0 };

	for (unsigned k = 0; k < c->nparams; k++)
		db_param_text(&p, remind_param(&in, c->param[k].source, r->arena));
	db_param_text(&p, run->id.ptr);
	queued(r, db_statement(r->db, c->function, c->reminder->keep, &p, on_result, r, (int)i));
}

static void give_up(struct remind *r, const struct run *run, const char *state, const char *why)
{
	struct db_params p = { 0 };

	db_param_text(&p, run->id.ptr);
	db_param_text(&p, state);
	db_param_text(&p, why);
	remind_ask(r, Q_REMINDER_FAILED, &p, TAG_NONE);
}

static void run_all(struct remind *r)
{
	for (unsigned i = 0; i < r->nruns; i++)
		if (r->run[i].command)
			run_one(r, i);
		else
			give_up(r, &r->run[i], "ignored", "the tables have no such step any more");
	remind_wait(r, REMIND_RUNNING);
}

static struct str columns_of(struct arena *arena, const struct command *c)
{
	struct str all = STR("");

	for (unsigned i = 0; i < c->ncolumns; i++)
		all = arena_printf(arena, "%.*s%s%s", STR_ARG(all), i ? "\n" : "", c->column[i]);
	return all;
}

static void tell_ran(struct remind *r)
{
	static const enum array_type type[] = { ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2 };
	struct db_params p = { 0 };

	for (unsigned k = 0; k < 5; k++)
		array_begin(&r->array[k], type[k]);
	for (unsigned i = 0; i < r->nruns; i++) {
		const struct run *run = &r->run[i];
		struct uuid id;
		struct err err;

		if (!run->command || uuid_parse(run->id, &id, &err) < 0)
			continue;
		array_uuid(&r->array[0], &id);
		array_text(&r->array[1], str_z(number(r, run->rows)));
		array_text(&r->array[2], columns_of(r->arena, run->command));
		array_text(&r->array[3], str_z(number(r, run->command->reminder->wait_s)));
		array_int2(&r->array[4], (int)run->command->reminder->levels);
	}
	array_param(&r->array[0], &p);
	array_param(&r->array[1], &p);
	db_param_text(&p, number(r, r->tables->version));
	array_param(&r->array[2], &p);
	array_param(&r->array[3], &p);
	array_param(&r->array[4], &p);
	db_param_text(&p, r->now_text);
	remind_ask(r, Q_REMINDER_RAN, &p, TAG_NONE);
	remind_ask(r, Q_COMMIT, NULL, TAG_COMMIT);
	remind_wait(r, REMIND_PUTTING);
	CRASH(unasked_runs_put);
}

/* ---- trouble ---- */

static void roll_back(struct remind *r)
{
	r->due = 0;
	r->failed = false;	/* r->blame and r->error stay */
	remind_ask(r, Q_ROLLBACK, NULL, TAG_NONE);
	remind_wait(r, REMIND_ROLLING_BACK);
}

static void again(struct remind *r, unsigned ms)
{
	forget(r);
	r->look_ms = uv_now(r->hall->loop) + (r->noticed ? 0 : ms);
}

static void mark_run(struct remind *r)
{
	const struct run *run = &r->run[0];

	log_error("reminder_failed", "run=%.*s reminder=%.*s error=\"%s\" remedy=\"correct the reminder, then report its trigger under"
		  " another key\"", STR_ARG(run->id), STR_ARG(run->reminder), r->error);
	give_up(r, run, "failed", r->error);
	remind_wait(r, REMIND_MARKING);
}

/* Only what was alone is to blame, and not for the server's own trouble. */
static void after_rollback(struct remind *r)
{
	bool to_blame = r->blame == DB_BLAME_TEXT && r->alone;

	if (to_blame && r->nruns == 1) {
		mark_run(r);
	} else if (to_blame && r->nmessages == 1) {
		remind_rows_lost(r);
	} else {
		log_warn("reminders_again", "runs=%u rows=%u error=\"%s\"", r->nruns, r->nmessages, r->error);
		if (r->blame == DB_BLAME_TEXT && !r->alone)
			r->alone = ALONE_ROUNDS;
		again(r, r->nruns + r->nmessages > 1 ? 0 : AGAIN_MS);
	}
}

/* ---- rounds ---- */

static void tidy(struct remind *r)
{
	struct db_params p = { 0 };

	name_all(r);
	db_param_text(&p, number(r, r->tables->version));
	array_param(&r->array[0], &p);
	array_param(&r->array[1], &p);
	db_param_text(&p, number(r, KEEP_DAYS));
	db_param_text(&p, r->tidy_after);
	db_param_text(&p, number(r, TIDY_MAX));
	db_param_text(&p, r->now_text);
	remind_ask(r, Q_REMINDER_TIDY, &p, TAG_TIDY);
	remind_wait(r, REMIND_TIDYING);
}

static void looked(struct remind *r)
{
	uint64_t now = uv_now(r->hall->loop);

	if (r->runs_due || schedule_due(r)) {
		plan(r);
	} else if (r->rows_due) {
		remind_rows_take(r);
	} else if (now >= r->tidy_ms) {
		r->tidy_ms = now + TIDY_MS;
		tidy(r);
	} else {
		r->alone = 0;
		again(r, r->tables->reminders ? LOOK_MS : SELDOM_MS);	/* rows of older tables may be left */
	}
}

/* Rows come next, so that triggers that never end do not keep them waiting. */
static void done(struct remind *r)
{
	bool runs = r->nruns > 0, idle = !runs && !r->planned && !r->nmessages;

	if (r->nmessages)
		CRASH(unasked_rows_committed);
	if (!r->committed)
		log_warn("reminders_again", "runs=%u rows=%u error=\"COMMIT did not commit\"", r->nruns, r->nmessages);
	r->alone -= r->alone > 0;
	again(r, idle ? SOON_MS : 0);	/* another smsd has what is due */
	if (!runs)
		return;
	r->tables = tables_ref(r->hall->tables);
	remind_now(r);
	remind_rows_take(r);
}

static void tidied(struct remind *r)
{
	if (r->tidied >= TIDY_MAX)
		r->tidy_ms = 0;
	again(r, SOON_MS);
}

static void on_failure(struct remind *r)
{
	if (!db_is_up(r->db))
		forget(r);
	else if (r->state == REMIND_ROLLING_BACK || r->state == REMIND_MARKING)
		db_reset(r->db, r->error);
	else
		roll_back(r);
}

static void on_answers(struct remind *r)
{
	if (r->failed) {
		on_failure(r);
		return;
	}
	switch (r->state) {
	case REMIND_LOOKING: looked(r); break;
	case REMIND_PLANNING:
		if (r->nruns) {
			CRASH(unasked_runs_taken);
			run_all(r);
		} else {
			remind_ask(r, Q_COMMIT, NULL, TAG_COMMIT);
			remind_wait(r, REMIND_PUTTING);
		}
		break;
	case REMIND_RUNNING: tell_ran(r); break;
	case REMIND_TAKING:
		if (r->nmessages) {
			CRASH(unasked_rows_taken);
			remind_rows_ask_once(r);
		} else {
			remind_ask(r, Q_COMMIT, NULL, TAG_COMMIT);
			remind_wait(r, REMIND_PUTTING);
		}
		break;
	case REMIND_ASKING_ONCE: remind_rows_put(r); break;
	case REMIND_PUTTING: done(r); break;
	case REMIND_ROLLING_BACK: after_rollback(r); break;
	case REMIND_MARKING: again(r, 0); break;
	case REMIND_TIDYING: tidied(r); break;
	case REMIND_IDLE: break;
	}
}

void remind_step(struct remind *r)
{
	struct hall *hall = r->hall;

	if (r->state != REMIND_IDLE) {
		if (r->due == 0)
			on_answers(r);
		return;
	}
	if (!hall->tables || !hall->instance_ours || hall->draining || !db_is_up(r->db))
		return;
	if (uv_now(hall->loop) < r->look_ms && hall->tables->version == r->looked) {
		hall_wake(hall, r->look_ms - uv_now(hall->loop));
		return;
	}
	look(r);
}

static void on_event(void *arg, enum db_event event, const char *text)
{
	struct remind *r = arg;

	(void)text;
	switch (event) {
	case DB_EV_UP:
		remind_ask(r, Q_LISTEN_TRIGGER, NULL, TAG_NONE);
		queued(r, db_sync(r->db, on_result, r, TAG_NONE));
		db_flush(r->db);
		break;
	case DB_EV_DOWN:
		forget(r);
		r->next_us = 0;
		break;
	case DB_EV_NOTIFY:	/* a trigger was reported: whatever is under way may not have seen it */
		r->noticed = true;
		r->look_ms = 0;
		break;
	case DB_EV_DRAINED:
		break;
	}
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
