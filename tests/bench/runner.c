/* runner - see runner.h. */
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "flow/many.h"

enum { TAG_PLAIN = -1, TAG_MANY = 1 << 16, FAILED = 1 };

static void die(const struct runner *r, const char *what)
{
	log_error("onetx_failed", "conn=%s shape=%s step=%u error=\"%s\"", r->label, r->shape->name, r->step, what);
	exit(FAILED);
}

/* Neighbours with the same command, from the first one. */
static unsigned count_same(const struct runner *r, unsigned first)
{
	const struct command *command = r->work[first]->match.command;
	unsigned n = 1;

	while (first + n < r->count && work_has_command(r->work[first + n]) && r->work[first + n]->match.command == command)
		n++;
	return n;
}

static void take_many(struct runner *r, unsigned first, const PGresult *res)
{
	unsigned n = count_same(r, first);
	PGresult *part[RUNNER_TEXTS_MAX];

	if (!many_split(res, n, part))
		die(r, "the rows of some texts cannot be taken apart");
	for (unsigned i = 0; i < n; i++)
		r->work[first + i]->result = part[i];
}

static bool on_result(void *arg, int tag, PGresult *res)
{
	struct runner *r = arg;

	if (db_blame(res) != DB_OK)
		die(r, db_message(res));
	r->due--;
	if (tag >= TAG_MANY) {
		take_many(r, tag - TAG_MANY, res);
		return false;
	}
	if (tag != TAG_PLAIN) {
		r->work[tag]->result = res;
		return true;
	}
	if (PQresultStatus(res) == PGRES_COMMAND_OK && !strcmp(PQcmdStatus(res), "COMMIT"))
		r->committed = true;
	return false;
}

static void queued(struct runner *r, bool ok)
{
	if (!ok)
		die(r, "the connection is gone");
	r->due++;
}

void runner_query(struct runner *r, enum query query, const struct db_params *params)
{
	queued(r, db_query(r->db, query, params, on_result, r, TAG_PLAIN));
}

void runner_statement(struct runner *r, const char *name, const char *sql, const struct db_params *params)
{
	queued(r, db_statement(r->db, name, sql, params, on_result, r, TAG_PLAIN));
}

void runner_command(struct runner *r, unsigned i)
{
	const struct work *work = r->work[i];
	const struct command *command = work->match.command;
	struct db_params p = { 0 };

	if (!work_has_command(work))
		return;
	for (unsigned k = 0; k < command->nparams; k++)
		db_param_text(&p, work->value[k]);
	queued(r, db_statement(r->db, command->function, command->statement, &p, on_result, r, (int)i));
}

unsigned runner_same_command(struct runner *r, unsigned i)
{
	const struct command *command = r->work[i]->match.command;
	unsigned n = count_same(r, i);
	struct db_params p = { 0 };

	if (n == 1 || !command->many) {
		runner_command(r, i);
		return 1;
	}
	many_begin(r->array, command);
	for (unsigned k = i; k < i + n; k++)
		many_add(r->array, command, r->work[k]->value);
	many_params(r->array, command, &p);
	queued(r, db_statement(r->db, command->many_name, command->many, &p, on_result, r, TAG_MANY + (int)i));
	return n;
}

void runner_answers(struct runner *r)
{
	struct err err;

	for (unsigned i = 0; i < r->count; i++)
		if (work_answer(r->hall, r->work[i], r->arena, &err) < 0)
			die(r, err.text);
}

static void finish(struct runner *r)
{
	unsigned count = r->count;

	if (!r->committed)
		die(r, "COMMIT did not commit");
	r->transactions++;
	for (unsigned i = 0; i < count; i++) {
		PQclear(r->work[i]->result);
		r->work[i]->result = NULL;
	}
	r->count = 0;
	r->fn(r->arg, r, r->work, count);
}

/* A step may find nothing to do: then the next one follows at once. */
static void advance(struct runner *r)
{
	while (r->due == 0 && r->step < r->shape->steps) {
		r->shape->step(r, r->step++);
		if (r->due == 0)
			continue;
		queued(r, db_sync(r->db, on_result, r, TAG_PLAIN));
	}
	if (r->due == 0)
		finish(r);
	else
		db_flush(r->db);
}

static void on_db(void *arg, enum db_event event, const char *text)
{
	struct runner *r = arg;

	switch (event) {
	case DB_EV_UP:
		r->fn(r->arg, r, NULL, 0);
		break;
	case DB_EV_DOWN:
		die(r, text);
		break;
	case DB_EV_DRAINED:
		if (r->count && r->due == 0)
			advance(r);
		break;
	case DB_EV_NOTIFY:
		break;
	}
}

struct runner *runner_new(uv_loop_t *loop, const char *conninfo, const struct shape *shape, unsigned index,
			  const struct work_hall *hall, runner_fn *fn, void *arg)
{
	struct runner *r = mem_alloc(sizeof(*r));

	r->shape = shape;
	r->hall = hall;
	r->index = index;
	r->fn = fn;
	r->arg = arg;
	r->arena = arena_new();
	snprintf(r->label, sizeof(r->label), "onetx%u", index);
	r->db = db_new(loop, conninfo, r->label, on_db, r);
	return r;
}

void runner_free(struct runner **runner)
{
	struct runner *r = *runner;

	db_free(&r->db);
	for (unsigned i = 0; i < r->count; i++)
		PQclear(r->work[i]->result);
	for (unsigned i = 0; i < RUNNER_ARRAYS; i++)
		array_free(&r->array[i]);
	arena_free(&r->arena);
	free(r);
	*runner = NULL;
}

void runner_run(struct runner *r, struct work *const *work, unsigned count)
{
	memcpy(r->work, work, count * sizeof(*work));
	r->count = count;
	r->step = 0;
	r->committed = false;
	arena_reset(r->arena);
	advance(r);
}
