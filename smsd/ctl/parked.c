/* parked - `smsctl parked`: texts that failed by an error of ours and wait for a person.
 * Every change records who made it.  A retry is only asked for here: the next smsd that hears of it
 * runs the text. */
#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "ctl/ctl.h"
#include "table/ask.h"

enum { WAIT_MS = 10000, LOOK_MS = 200 };

static const struct ctl_column list_column[] = {
	{ "id" }, { "parked_at" }, { "msisdn", CTL_MSISDN }, { "port" }, { "command" }, { "state" },
	{ "attempt", CTL_NUMBER }, { "sqlstate" }, { "text" },
	{ "error", CTL_TEXT, CTL_JSON_ONLY },
	{ "error", CTL_TEXT, CTL_TABLE_ONLY },
};
enum { LIST_COLUMNS = sizeof(list_column) / sizeof(*list_column) };

/* The number is whole here: whoever looks at one text wants to trace or call its sender. */
static const struct ctl_column show_column[] = {
	{ "id" }, { "state" }, { "msisdn" }, { "at" }, { "port" }, { "link" }, { "text" },
	{ "command" }, { "version", CTL_NUMBER }, { "sqlstate" }, { "error" },
	{ "attempt", CTL_NUMBER }, { "parked_at" }, { "changed_at" }, { "changed_by" }, { "outcome" },
};
enum { SHOW_COLUMNS = sizeof(show_column) / sizeof(*show_column) };
enum { SHOW_STATE = 1, SHOW_ERROR = 10, SHOW_OUTCOME = 15 };

struct args {
	const char *word[2];	/* the subcommand, an id */
	unsigned nwords;
	const char *why;
	bool all, json;
};

static int unknown(const char *id, struct err *err)
{
	return err_set(err, ERR_INPUT,
		       "there is no parked text with the id %s (smsctl parked list shows them)",
		       id);
}

/* The one row of the id; NULL when there is none, or it is no id at all. */
static PGresult *row_of(PGconn *conn, const char *id, struct err *err)
{
	struct uuid uuid;

	if (uuid_parse(str_z(id), &uuid, NULL) < 0) {
		unknown(id, err);
		return NULL;
	}
	PGresult *res = ask(conn, Q_CTL_PARKED_SHOW, 1, &id, err);
	if (res && PQntuples(res) == 0) {
		PQclear(res);
		unknown(id, err);
		return NULL;
	}
	return res;
}

static int list(PGconn *conn, const struct args *args, struct err *err)
{
	const char *all = args->all ? "t" : "f";
	PGresult *res = ask(conn, Q_CTL_PARKED_LIST, 1, &all, err);

	if (!res)
		return -1;
	struct ctl_table *table = ctl_table_new(list_column, LIST_COLUMNS, args->json);
	ctl_table_result(table, res);
	ctl_table_print(&table, args->all ? "no text was ever parked" : "no text is parked",
			stdout);
	PQclear(res);
	return 0;
}

static int show(PGconn *conn, const struct args *args, struct err *err)
{
	PGresult *res = row_of(conn, args->word[1], err);
	const char *cell[SHOW_COLUMNS];

	if (!res)
		return -1;
	for (unsigned i = 0; i < SHOW_COLUMNS; i++)
		cell[i] = ask_value(res, 0, i).ptr;
	ctl_print_record(show_column, SHOW_COLUMNS, cell, args->json, stdout);
	PQclear(res);
	return 0;
}

/* Prints what became of a text that was tried again; whether it is done. */
static int outcome(PGconn *conn, const char *id, bool *done_r, struct err *err)
{
	PGresult *res = row_of(conn, id, err);

	if (!res)
		return -1;
	const char *state = PQgetvalue(res, 0, SHOW_STATE);
	*done_r = strcmp(state, "done") == 0;
	if (*done_r)
		printf("%s  done: %s\n", id, PQgetvalue(res, 0, SHOW_OUTCOME));
	else if (strcmp(state, "parked") == 0)
		printf("%s  parked again: %s\n", id, PQgetvalue(res, 0, SHOW_ERROR));
	else
		printf("%s  %s\n", id, state);
	PQclear(res);
	return 0;
}

/* Until smsd has tried them all, or long enough; how many it has not. */
static int wait_for(PGconn *conn, const char *ids, int *left_r, struct err *err)
{
	for (unsigned waited = 0;; waited += LOOK_MS) {
		PGresult *res = ask(conn, Q_CTL_PARKED_WAITING, 1, &ids, err);

		if (!res)
			return -1;
		*left_r = ask_int(res, 0, 0);
		PQclear(res);
		if (*left_r == 0 || waited >= WAIT_MS)
			return 0;
		usleep(LOOK_MS * 1000);
	}
}

/* asked: the ids, a row each. */
static int follow(PGconn *conn, const PGresult *asked, struct err *err)
{
	struct arena *arena = arena_new();
	unsigned n = PQntuples(asked), failed = 0;
	const char **id = arena_alloc(arena, n * sizeof(*id));
	bool done;
	int left;

	for (unsigned i = 0; i < n; i++)
		id[i] = PQgetvalue(asked, i, 0);
	printf("asked for %u text%s to be run again, by %s\n", n, n == 1 ? "" : "s", ctl_who());
	fflush(stdout);
	int result = wait_for(conn, ask_array(arena, id, n), &left, err);
	for (unsigned i = 0; result == 0 && i < n; i++) {
		result = outcome(conn, id[i], &done, err);
		failed += !done;
	}
	if (result == 0 && left)
		result = err_set(err, ERR_TEMP, "%d not yet tried after %d s; they stay asked for "
				 "(is a smsd running? smsctl doctor)", left, WAIT_MS / 1000);
	else if (result == 0 && failed)
		result = err_set(err, ERR_PERM, "%u of %u failed again (smsctl parked show ID)",
				 failed, n);
	arena_free(&arena);
	return result;
}

static int retry(PGconn *conn, const struct args *args, struct err *err)
{
	const char *param[] = { args->all ? NULL : args->word[1], ctl_who() };

	if (!args->all) {
		PGresult *row = row_of(conn, args->word[1], err);

		if (!row)
			return -1;
		PQclear(row);
	}
	PGresult *asked = ask(conn, Q_CTL_PARKED_RETRY, 2, param, err);
	if (!asked)
		return -1;
	int result = 0;
	if (PQntuples(asked))
		result = follow(conn, asked, err);
	else if (args->all)
		puts("no text is parked");
	else
		result = err_set(err, ERR_INPUT,
				 "%s does not wait as parked (smsctl parked show %s)",
				 args->word[1], args->word[1]);
	PQclear(asked);
	return result;
}

static int drop(PGconn *conn, const struct args *args, struct err *err)
{
	struct buf by = { 0 };
	PGresult *row = row_of(conn, args->word[1], err);

	if (!row)
		return -1;
	PQclear(row);
	buf_printf(&by, "%s: %s", ctl_who(), args->why);
	PGresult *res = ask(conn, Q_CTL_PARKED_DROP, 2,
			    (const char *const[]){ args->word[1], buf_cstr(&by) }, err);
	int result = res ? 0 : -1;
	if (res && PQntuples(res) == 0)
		result = err_set(err, ERR_INPUT,
				 "%s is already done or dropped (smsctl parked show %s)",
				 args->word[1], args->word[1]);
	else if (res)
		printf("dropped %s, by %s: it will not be run again; "
		       "its sender got an apology when it was parked\n",
		       args->word[1], buf_cstr(&by));
	PQclear(res);
	buf_free(&by);
	return result;
}

static const struct {
	const char *name;
	bool wants_id;
	int (*run)(PGconn *conn, const struct args *args, struct err *err);
} subcommands[] = {
	{ "list", false, list },
	{ "show", true, show },
	{ "retry", true, retry },	/* an id or --all */
	{ "drop", true, drop },
};
enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(*subcommands) };

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "list: the done and dropped too; retry: every parked text", 0 },
	{ "why", 'w', "TEXT", 0, "drop: the reason, kept with the text", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'a':
		args->all = true;
		return 0;
	case 'w':
		args->why = arg;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->nwords >= 2)
			argp_error(state, "\"%s\" is one word too many", arg);
		args->word[args->nwords++] = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options, parse, "list\nshow ID\nretry ID\nretry --all\ndrop ID --why TEXT",
	"Texts that failed by an error of ours, with their errors.\v"
	"retry asks smsd to run them again, waits up to 10 s and says what became of each.  "
	"drop gives one up for ever.",
	NULL, NULL, NULL,
};

static int find(const struct args *args)
{
	for (unsigned i = 0; args->nwords && i < SUBCOMMANDS; i++) {
		bool all = args->all && subcommands[i].run == retry;

		if (strcmp(args->word[0], subcommands[i].name) == 0 &&
		    (args->nwords == 2) == (subcommands[i].wants_id && !all) &&
		    (subcommands[i].run != drop || (args->why && *args->why)))
			return (int)i;
	}
	return -1;
}

int parked_main(int argc, char **argv)
{
	struct args args = { 0 };
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	int which = find(&args);
	if (which < 0)
		return ctl_usage(argv[0], &argp);
	PGconn *conn = ctl_connect(&err);
	int result = conn ? subcommands[which].run(conn, &args, &err) : -1;
	return ctl_finish(argv[0], conn, result, &err);
}
