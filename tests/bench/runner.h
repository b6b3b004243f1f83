/* runner - one database connection that carries texts through the steps of a shape, one transaction for all that
 * it was given.  An error ends the program: a benchmark with errors measures nothing. */
#pragma once
#include "db/array.h"
#include "work.h"

enum { RUNNER_TEXTS_MAX = 1024, RUNNER_ARRAYS = PARAMS_MAX };

struct runner;
struct shape {
	const char *name;
	const char *about;
	unsigned texts;			/* that it takes at a time, at most */
	unsigned steps;			/* the database's answer is waited for after each; the last one commits */
	bool one_by_one;		/* each step is a statement by itself, as a program without pipelines sends it */
	void (*step)(struct runner *runner, unsigned step);	/* by runner_query(), runner_statement() */
};

/* Either connected and ready for its first texts (count 0), or these are committed and answered. */
typedef void runner_fn(void *arg, struct runner *runner, struct work **work, unsigned count);

struct runner {
	struct runner *next_idle;	/* the caller's */
	const struct shape *shape;
	const struct work_hall *hall;
	unsigned index;
	runner_fn *fn;
	void *arg;
	struct db *db;
	char label[24];
	/* Under way: */
	struct work *work[RUNNER_TEXTS_MAX];
	unsigned count, step, due;
	bool committed;
	int64_t batch;
	struct arena *arena;
	struct array array[RUNNER_ARRAYS];
	uint64_t transactions;
};

/* conninfo and hall are borrowed. */
struct runner *runner_new(uv_loop_t *loop, const char *conninfo, const struct shape *shape, unsigned index,
			  const struct work_hall *hall, runner_fn *fn, void *arg);
void runner_free(struct runner **runner);
/* Of an idle one only; count 1 .. shape->texts, all of different senders. */
void runner_run(struct runner *runner, struct work *const *work, unsigned count);

/* For shapes. */
void runner_query(struct runner *runner, enum query query, const struct db_params *params);
void runner_statement(struct runner *runner, const char *name, const char *sql, const struct db_params *params);
void runner_command(struct runner *runner, unsigned i);	/* the command of text i, if it has one */
unsigned runner_same_command(struct runner *runner, unsigned i);	/* of text i, which has one, and of those behind it that have the same: so many */
void runner_answers(struct runner *runner);		/* renders them all */
