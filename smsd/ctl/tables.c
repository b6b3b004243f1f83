/* tables - `smsctl tables …`: the life of the command tables. */
#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/difference.h"
#include "ctl/examples.h"
#include "ctl/folder.h"
#include "table/ask.h"
#include "table/problems.h"
#include "table/verify.h"
#include "table/versions.h"
#include "text/fold.h"

enum { OPT_OFFLINE = 256, OPT_NOTE, OPT_VERSION };
enum { IN_FORCE_MS = 5000, LOOK_MS = 50 };

struct request {
	const char *argv0, *action;
	const char *arg;		/* DIR or N; NULL: not given */
	unsigned nargs;
	bool offline, json;
	const char *note;
	int version;			/* 0: the active one */
	struct arena *arena;
};

/* ---- reading and checking ---- */

struct work {
	const char *dir;
	struct source *source;
	unsigned n;
	struct tables *tables;
	struct problems problems;
	struct verified verified;
	bool applies;		/* it is to become active */
	bool same;		/* and is so already, as */
	int version;
};

static int read_sources(const struct request *r, struct work *w, struct err *err)
{
	w->dir = r->arg ? r->arg : ctl_datadir("commands");
	if (!w->dir)
		return err_set(err, ERR_INPUT,
			       "no folder of command tables is installed (name one)");
	return folder_read(w->dir, r->arena, &w->source, &w->n, err);
}

static int parse(const struct request *r, struct work *w, struct err *err)
{
	if (fold_init(err) != 0 || read_sources(r, w, err) != 0)
		return -1;
	w->problems.arena = r->arena;
	w->tables = tables_parse(w->source, w->n, &w->problems);
	return 0;
}

/* In a transaction that is rolled back.  Examples depend on the data of the moment, so what is
 * active already is not judged by them when it is applied again. */
static int verify(PGconn *conn, struct work *w, struct vocabulary *vocabulary, struct err *err)
{
	if (verify_tables(conn, w->tables, &w->problems, &w->verified, err) != 0)
		return -1;
	verify_kinds(w->tables, vocabulary, &w->problems);
	if (w->problems.errors)
		return 0;
	if (w->applies &&
	    versions_same(conn, w->source, w->n, &w->verified, &w->version, &w->same, err) != 0)
		return -1;
	return w->same ? 0 : examples_check(conn, w->tables, vocabulary, &w->problems, err);
}

static int check_online(PGconn *conn, struct work *w, struct err *err)
{
	struct vocabulary *vocabulary;
	int failed;

	if (versions_vocabulary(conn, &vocabulary, err) != 0)
		return -1;
	failed = ask_do(conn, "BEGIN", err);
	if (!failed)
		failed = verify(conn, w, vocabulary, err);
	PQclear(PQexec(conn, "ROLLBACK"));
	vocabulary_unref(&vocabulary);
	return failed;
}

/* ---- reporting ---- */

static void print_json(const struct problems *problems)
{
	static const struct ctl_column column[] = {
		{ "file" }, { "line", CTL_NUMBER }, { "column", CTL_NUMBER }, { "level" },
		{ "text" },
	};
	struct ctl_table *table = ctl_table_new(column, 5, true);

	for (unsigned i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];
		char line[16], col[16];
		const char *cell[] = { p->place.file, line, col,
				       p->level == PROBLEM_ERROR ? "error" : "warning", p->text };

		snprintf(line, sizeof(line), "%u", p->place.line);
		snprintf(col, sizeof(col), "%u", p->place.column);
		ctl_table_row(table, cell);
	}
	ctl_table_print(&table, "", stdout);
}

static const char *plural(unsigned n, const char *word, struct arena *arena)
{
	return arena_printf(arena, "%u %s%s", n, word, n == 1 ? "" : "s").ptr;
}

/* All problems, with the folder before their files, so that an editor can follow them; the sum. */
static int report(const struct request *r, struct work *w)
{
	struct problems *problems = &w->problems;
	unsigned warnings;

	problems_sort(problems);
	warnings = problems->n - problems->errors;
	for (unsigned i = 0; i < problems->n; i++) {
		const char **file = &problems->list[i].place.file;

		if (*file)
			*file = arena_printf(r->arena, "%s/%s", w->dir, *file).ptr;
	}
	if (r->json)
		print_json(problems);
	else
		problems_print(stdout, problems);
	if (r->json)
		return problems->errors ? CTL_FAILED : CTL_DONE;
	const char *also = "";
	if (warnings)
		also = arena_printf(r->arena, ", %s", plural(warnings, "warning", r->arena)).ptr;
	if (problems->errors) {
		printf("%s%s\n", plural(problems->errors, "error", r->arena), also);
		return CTL_FAILED;
	}
	printf("%s, %s, %s: ok%s\n", plural(w->n, "file", r->arena),
	       plural(w->tables->ncommands, "command", r->arena),
	       plural(w->tables->nexamples, "example", r->arena), also);
	return CTL_DONE;
}

/* ---- actions: an exit status; the reason in err unless it was told ---- */

static int check_action(const struct request *r, struct err *err)
{
	struct work w = { 0 };
	PGconn *conn = NULL;
	struct err away;

	if (parse(r, &w, err) != 0)
		return CTL_FAILED;
	if (!r->offline)
		conn = ctl_connect(&away);
	int failed = conn ? check_online(conn, &w, err) : 0;
	int status = failed ? CTL_FAILED : report(r, &w);
	fflush(stdout);
	if (!failed && !conn)
		fprintf(stderr, "%s: SQL and examples were not tried%s%s\n", r->argv0,
			r->offline ? " (--offline)" : ": ", r->offline ? "" : away.text);
	PQfinish(conn);
	tables_unref(&w.tables);
	return status;
}

/* Versions are announced, and taken over a moment later: "live" is said when it is so. */
static void wait_in_force(PGconn *conn, int version)
{
	char number[12];
	const char *param[] = { number };
	int running = 0, there = 0;

	snprintf(number, sizeof(number), "%d", version);
	for (unsigned waited = 0; waited < IN_FORCE_MS; waited += LOOK_MS) {
		PGresult *res = ask(conn, Q_CTL_VERSION_IN_FORCE, 1, param, NULL);

		if (!res)
			return;
		running = ask_int(res, 0, 0);
		there = ask_int(res, 0, 1);
		PQclear(res);
		if (running == there)
			break;
		usleep(LOOK_MS * 1000);
	}
	if (!running)
		printf("no smsd runs: it will be in force when one starts\n");
	else if (running == there)
		printf("in force on %d smsd\n", there);
	else
		fprintf(stderr, "smsctl tables: only %d of %d smsd have it in force; see their logs for tables_refused\n", there,
			running);
}

static int apply_checked(PGconn *conn, const struct request *r, struct work *w, struct err *err)
{
	bool changed = false;

	if (!w->same && report(r, w) != CTL_DONE) {
		fflush(stdout);
		fprintf(stderr, "%s: refused, nothing was changed\n", r->argv0);
		return CTL_FAILED;
	}
	if (!w->same && versions_apply(conn, w->source, w->n, &w->verified, r->note, ctl_who(),
				       &w->version, &changed, err) != 0)
		return CTL_FAILED;
	printf("%sversion %d is active\n", changed ? "" : "nothing changed: ", w->version);
	wait_in_force(conn, w->version);
	return CTL_DONE;
}

static int apply_action(const struct request *r, struct err *err)
{
	struct work w = { .applies = true };
	PGconn *conn;
	int status = CTL_FAILED;

	if (parse(r, &w, err) != 0)
		return CTL_FAILED;
	conn = ctl_connect(err);
	if (conn && check_online(conn, &w, err) == 0)
		status = apply_checked(conn, r, &w, err);
	PQfinish(conn);
	tables_unref(&w.tables);
	return status;
}

static void difference_row(void *arg, const char *change, const char *file, const char *part)
{
	const char *cell[] = { change, file, part };

	ctl_table_row(arg, cell);
}

static int diff_action(const struct request *r, struct err *err)
{
	static const struct ctl_column column[] = { { "change" }, { "file" }, { "part" } };
	struct work w = { 0 };
	struct source *old;
	unsigned nold;
	PGconn *conn;

	if (read_sources(r, &w, err) != 0)
		return CTL_FAILED;
	conn = ctl_connect(err);
	int failed = conn ? versions_sources(conn, r->version, r->arena, &old, &nold, err) : -1;
	PQfinish(conn);
	if (failed)
		return CTL_FAILED;
	struct ctl_table *table = ctl_table_new(column, 3, r->json);
	difference_find(old, nold, w.source, w.n, difference_row, table);
	ctl_table_print(&table, "no difference", stdout);
	return CTL_DONE;
}

static int history_action(const struct request *r, struct err *err)
{
	static const struct ctl_column column[] = {
		{ "version", CTL_NUMBER },
		{ "state" },
		{ "activated" },
		{ "retired" },
		{ "made_by" },
		{ "files", CTL_NUMBER },
		{ "commands", CTL_NUMBER },
		{ "note" },
	};
	PGconn *conn = ctl_connect(err);
	PGresult *rows = conn ? ask(conn, Q_CTL_VERSION_HISTORY, 0, NULL, err) : NULL;

	PQfinish(conn);
	if (!rows)
		return CTL_FAILED;
	struct ctl_table *table = ctl_table_new(column, 8, r->json);
	ctl_table_result(table, rows);
	PQclear(rows);
	ctl_table_print(&table, "no version yet (smsctl tables apply makes the first)", stdout);
	return CTL_DONE;
}

static int rollback_action(const struct request *r, struct err *err)
{
	PGconn *conn = ctl_connect(err);
	int failed = conn ? versions_rollback(conn, atoi(r->arg), err) : -1;

	if (!failed) {
		printf("version %d is active again\n", atoi(r->arg));
		wait_in_force(conn, atoi(r->arg));
	}
	PQfinish(conn);
	return failed ? CTL_FAILED : CTL_DONE;
}

static int export_action(const struct request *r, struct err *err)
{
	struct source *source;
	unsigned n;
	PGconn *conn = ctl_connect(err);
	int failed = conn ? versions_sources(conn, r->version, r->arena, &source, &n, err) : -1;

	PQfinish(conn);
	if (failed || folder_write(r->arg, source, n, err) != 0)
		return CTL_FAILED;
	printf("%s in %s\n", plural(n, "file", r->arena), r->arg);
	return CTL_DONE;
}

/* ---- the command line ---- */

enum {
	TAKES_OFFLINE = 1,
	TAKES_JSON = 2,
	TAKES_NOTE = 4,
	TAKES_VERSION = 8,
	NEEDS_ARG = 16,
	NO_ARG = 32
};

static const struct action {
	const char *name, *usage, *about;
	unsigned takes;
	int (*run)(const struct request *r, struct err *err);
} actions[] = {
	{ "check", "[DIR] [--offline]", "every problem of the tables in DIR, at once",
	  TAKES_OFFLINE | TAKES_JSON, check_action },
	{ "diff", "[DIR] [--version N]", "what DIR defines otherwise than the active version",
	  TAKES_JSON | TAKES_VERSION, diff_action },
	{ "apply", "[DIR] [--note TEXT]", "check, and make it the active version", TAKES_NOTE,
	  apply_action },
	{ "history", "", "the versions, the newest first", TAKES_JSON | NO_ARG, history_action },
	{ "rollback", "N", "make an older version active again", NEEDS_ARG, rollback_action },
	{ "export", "DIR [--version N]", "write the active version's files",
	  TAKES_VERSION | NEEDS_ARG, export_action },
};
enum { ACTIONS = sizeof(actions) / sizeof(*actions) };

static const struct action *find_action(const char *name)
{
	for (unsigned i = 0; i < ACTIONS; i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static const struct argp_option option_list[] = {
	{ "offline", OPT_OFFLINE, NULL, 0, "check: without the database" },
	{ "note", OPT_NOTE, "TEXT", 0, "apply: what changes and why, for the history" },
	{ "version", OPT_VERSION, "N", 0, "diff, export: that version instead of the active one" },
	CTL_JSON_OPTION,
	{ 0 }
};

static int whole_number(struct argp_state *state, const char *text)
{
	if (!str_digits(str_z(text)) || strlen(text) > 9 || atoi(text) == 0)
		argp_error(state, "'%s' is no version (a number from smsctl tables history)", text);
	return atoi(text);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct request *r = state->input;

	switch (key) {
	case OPT_OFFLINE: r->offline = true; break;
	case OPT_NOTE: r->note = arg; break;
	case OPT_VERSION: r->version = whole_number(state, arg); break;
	case 'j': r->json = true; break;
	case ARGP_KEY_ARG:
		if (r->nargs == 2)
			argp_usage(state);
		*(r->nargs++ ? &r->arg : &r->action) = arg;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* "\v" and a line for each action. */
static char *help_text(int key, const char *text, void *input)
{
	struct buf out = { 0 };

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	for (unsigned i = 0; i < ACTIONS; i++)
		buf_printf(&out, "  %-8s  %-20s  %s\n", actions[i].name, actions[i].usage,
			   actions[i].about);
	buf_z(&out, "  alias     DIR COMMAND TEXT      one more wording for a command, put into its "
		    "file (tables alias --help)\n");
	buf_z(&out, "\nDIR is commands/ of the checkout or the installation unless given.");
	return buf_cstr(&out);
}

static const struct argp argp = {
	option_list, take, "ACTION [DIR | N]",
	"The command tables: how texts are understood and answered.\v ", NULL, help_text, NULL
};

static const char *misuse(const struct action *action, const struct request *r)
{
	if (!action)
		return "there is no such action";
	if ((r->offline && !(action->takes & TAKES_OFFLINE)) ||
	    (r->json && !(action->takes & TAKES_JSON)) ||
	    (r->note && !(action->takes & TAKES_NOTE)) ||
	    (r->version && !(action->takes & TAKES_VERSION)))
		return "it does not take that option";
	if (!r->arg && action->takes & NEEDS_ARG)
		return "an argument is missing";
	if (r->arg && action->takes & NO_ARG)
		return "it takes no argument";
	if (strcmp(action->name, "rollback") == 0 &&
	    (!str_digits(str_z(r->arg)) || strlen(r->arg) > 9))
		return "N is the number of a version (smsctl tables history)";
	return NULL;
}

int tables_main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "alias") == 0)	/* has a command line of its own */
		return alias_main(argc - 1, argv + 1);

	struct request r = { .argv0 = argv[0], .arena = arena_new() };
	struct err err = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	const struct action *action = find_action(r.action);
	const char *wrong = misuse(action, &r);
	int status = CTL_USAGE;
	if (wrong)
		fprintf(stderr, "%s %s: %s (smsctl help tables)\n", argv[0], r.action, wrong);
	else
		status = action->run(&r, &err);
	if (status == CTL_FAILED && err.text[0])
		ctl_fail(argv[0], &err);
	arena_free(&r.arena);
	return status;
}
