/* audit - `smsctl audit`: whether the books of a hall, at work or not, add up.  What is looked at
 * stands in hall.audit() and, for the business side, in hall_api.audit(); this prints it.  A
 * discrepancy names the whole number, for `smsctl trace`. */
#include <argp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "table/ask.h"

/* As ctl_audit.sql gives them; two more columns follow. */
static const struct ctl_column column[] = {
	{ "side" }, { "check" }, { "counted", CTL_NUMBER }, { "wrong", CTL_NUMBER },
};
enum { COLUMNS = sizeof(column) / sizeof(*column) };
enum { CHECK = 1, WRONG = 3, EXAMPLES = 4, JSON = 5 };

struct args {
	const char *since;
	bool json;
};

static const struct argp_option options[] = {
	{ "since", 's', "TIME", 0,
	  "Texts of that time and later: 90m, 24h (default), 7d, today, yesterday, or "
	  "\"2026-11-22 08:00\" (in China)", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 's':
		args->since = arg;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "\"%s\" is one word too many", arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options, parse, NULL,
	"Checks the books: every text has one answer and, where it was done, one effect, every effect "
	"its text; what was answered was sent; every recipient of a blast and every row of a reminder has "
	"one fate; money moved is money recorded.\v"
	"The exit status is 1 when anything does not add up.", NULL, NULL, NULL,
};

static void print_json(const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++)
		printf("%s%s", r ? ",\n" : "[\n", PQgetvalue(res, r, JSON));
	puts("\n]");
}

static void print_wrong(const PGresult *res, int r)
{
	struct arena *arena = arena_new();
	long long rest = strtoll(PQgetvalue(res, r, WRONG), NULL, 10);
	unsigned n = 0;
	const char **example = ask_lines(arena, res, r, EXAMPLES, &n);

	printf("\nnot so: %s\n", PQgetvalue(res, r, CHECK));
	for (unsigned i = 0; i < n; i++)
		printf("  %s\n", example[i]);
	if (rest > (long long)n)
		printf("  … and %lld more\n", rest - n);
	arena_free(&arena);
}

static void print_text(const PGresult *res, const char *since)
{
	struct ctl_table *table = ctl_table_new(column, COLUMNS, false);
	const char *cell[COLUMNS];

	printf("since %s\n", since);
	for (int r = 0; r < PQntuples(res); r++) {
		for (unsigned c = 0; c < COLUMNS; c++)
			cell[c] = PQgetvalue(res, r, c);
		ctl_table_row(table, cell);
	}
	ctl_table_print(&table, "no check", stdout);
	for (int r = 0; r < PQntuples(res); r++)
		if (strcmp(PQgetvalue(res, r, WRONG), "0") != 0)
			print_wrong(res, r);
}

/* 0, or -1 with what does not add up. */
static int verdict(const PGresult *res, struct err *err)
{
	long long wrong = 0;
	unsigned checks = 0;

	for (int r = 0; r < PQntuples(res); r++) {
		wrong += strtoll(PQgetvalue(res, r, WRONG), NULL, 10);
		checks += strcmp(PQgetvalue(res, r, WRONG), "0") != 0;
	}
	if (!wrong)
		return 0;
	return err_set(err, ERR_PERM,
		       "%lld discrepanc%s in %u of %d checks (smsctl trace NUMBER tells the story)",
		       wrong, wrong == 1 ? "y" : "ies", checks, PQntuples(res));
}

static int audit(PGconn *conn, const char *since, bool json, struct err *err)
{
	PGresult *res = ask(conn, Q_CTL_AUDIT, 1, &since, err);

	if (!res)
		return -1;
	if (json)
		print_json(res);
	else
		print_text(res, since);
	int result = verdict(res, err);
	PQclear(res);
	return result;
}

int audit_main(int argc, char **argv)
{
	struct args args = { .since = "24h" };
	struct err err;
	int result = CTL_DONE;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	PGconn *conn = ctl_connect(&err);
	if (!conn)
		return ctl_fail(argv[0], &err);
	PGresult *since = ask(conn, Q_CTL_AUDIT_SINCE, 1, &args.since, &err);
	if (since && PQgetisnull(since, 0, 0)) {
		fprintf(stderr,
			"%s: --since \"%s\" is no duration and no time "
			"(write 90m, 24h, 7d, yesterday or \"2026-11-22 08:00\")\n",
			argv[0], args.since);
		result = CTL_USAGE;
	} else if (!since || audit(conn, PQgetvalue(since, 0, 0), args.json, &err) < 0) {
		result = ctl_fail(argv[0], &err);
	}
	PQclear(since);
	PQfinish(conn);
	return result;
}
