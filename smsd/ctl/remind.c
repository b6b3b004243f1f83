/* remind - `smsctl remind`: the reminders of the tables, when they run and what becomes of them; what one would do. */
#include <argp.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/remind_try.h"
#include "table/ask.h"
#include "table/versions.h"
#include "text/fold.h"

enum { OPT_NOW = 256, OPT_TRIGGER, OPT_KEY, OPT_TABLES, OPT_STEP };

struct args {
	struct remind_request request;
	const char *action;
};

/* ---- list ---- */

static const struct ctl_column columns[] = {
	{ "reminder" }, { "when" }, { "class" }, { "next", CTL_TEXT, CTL_TABLE_ONLY }, { "next", CTL_TEXT, CTL_JSON_ONLY },
	{ "last", CTL_TEXT, CTL_TABLE_ONLY }, { "last", CTL_TEXT, CTL_JSON_ONLY }, { "planned", CTL_NUMBER }, { "failed", CTL_NUMBER },
	{ "waiting", CTL_NUMBER }, { "sent", CTL_NUMBER }, { "held", CTL_NUMBER }, { "refused", CTL_NUMBER }, { "control", CTL_NUMBER },
	{ "about", CTL_TEXT, CTL_JSON_ONLY },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns), OWN = 3, ASKED = 11 };

static const char *when(struct arena *arena, const struct reminder *r)
{
	if (r->on)
		return arena_printf(arena, "on %s", r->on).ptr;
	return arena_printf(arena, "every %s %s", r->every, r->zone).ptr;
}

static int list(PGconn *conn, const struct args *args, struct err *err)
{
	struct arena *arena = args->request.arena;
	struct vocabulary *vocabulary = NULL;
	struct tables *tables = NULL;
	const struct command **command;
	const char **name, *param;
	unsigned n = 0;

	if (fold_init(err) != 0 || versions_load_active(conn, &tables, &vocabulary, err) != 0)
		return -1;
	command = arena_alloc(arena, (tables->ncommands + 1) * sizeof(*command));
	name = arena_alloc(arena, (tables->ncommands + 1) * sizeof(*name));
	for (unsigned i = 0; i < tables->ncommands; i++)
		if (tables->command[i]->reminder) {
			command[n] = tables->command[i];
			name[n++] = tables->command[i]->id;
		}
	param = ask_array(arena, name, n);
	PGresult *res = ask(conn, Q_CTL_REMINDERS, 1, &param, err);
	struct ctl_table *table = res ? ctl_table_new(columns, COLUMNS, args->request.json) : NULL;
	for (int i = 0; res && i < PQntuples(res); i++) {
		const char *cell[COLUMNS] = { command[i]->id, when(arena, command[i]->reminder), command[i]->reminder->class };

		for (int k = 0; k < ASKED; k++)
			cell[OWN + k] = ask_value(res, i, k + 1).ptr;
		cell[COLUMNS - 1] = command[i]->about;
		ctl_table_row(table, cell);
	}
	if (res)
		ctl_table_print(&table, "the tables have no reminders\n", stdout);
	PQclear(res);
	tables_unref(&tables);
	vocabulary_unref(&vocabulary);
	return res ? 0 : -1;
}

/* ---- the command line ---- */

static const struct argp_option option_list[] = {
	{ "now", OPT_NOW, "TIME", 0, "try: as if it were then: 2026-11-22, 2026-11-22 08:30" },
	{ "trigger", OPT_TRIGGER, "JSON", 0, "try: as if its trigger were reported with these data" },
	{ "key", OPT_KEY, "KEY", 0, "try: with the trigger that was reported under this key" },
	{ "number", 'n', "NUMBER", 0, "try: the subscriber whom the trigger concerns; of a schedule, show him alone" },
	{ "step", OPT_STEP, "N", 0, "try: this step or level alone" },
	{ "limit", 'l', "N", 0, "try: show so many messages at most (200); all are counted" },
	{ "tables", OPT_TABLES, "DIR", 0, "try: the tables in DIR instead of the active version" },
	CTL_JSON_OPTION,
	{ 0 }
};

static unsigned number(struct argp_state *state, const char *what, const char *arg)
{
	if (!str_digits(str_z(arg)) || strlen(arg) > 6 || !atoi(arg))
		argp_error(state, "--%s \"%s\" is no number from 1 to 999999", what, arg);
	return (unsigned)atoi(arg);
}

static void take_word(struct args *args, struct argp_state *state, const char *word)
{
	if (!args->action && strcmp(word, "list") != 0 && strcmp(word, "try") != 0)
		argp_error(state, "\"%s\" is neither list nor try", word);
	else if (!args->action)
		args->action = word;
	else if (!strcmp(args->action, "try") && !args->request.name)
		args->request.name = word;
	else
		argp_error(state, "\"%s\" is one word too many", word);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;
	struct remind_request *r = &args->request;

	switch (key) {
	case OPT_NOW: r->now = arg; break;
	case OPT_TRIGGER: r->trigger = arg; break;
	case OPT_KEY: r->key = arg; break;
	case OPT_TABLES: r->dir = arg; break;
	case OPT_STEP: r->step = number(state, "step", arg); break;
	case 'n': r->number = arg; break;
	case 'l': r->limit = number(state, "limit", arg); break;
	case 'j': r->json = true; break;
	case ARGP_KEY_ARG: take_word(args, state, arg); break;
	case ARGP_KEY_END:
		if (!args->action || (!strcmp(args->action, "try") && !r->name))
			argp_usage(state);
		if (r->key && r->trigger)
			argp_error(state, "--key names a trigger that was reported, --trigger makes one up: give one of them");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, take, "list\ntry NAME [--trigger JSON|--key KEY] [--number NUMBER]",
	"Reminders: when each runs, what became of its messages in the last 24 hours; or who would get what from one, and who "
	"would not and why, in a transaction that is rolled back.\v"
	"Verdicts of try: sends; holds, until then, and why; refuses; spares: he was told lately (once_per), or is of the control "
	"group.", NULL, NULL, NULL
};

int remind_main(int argc, char **argv)
{
	struct args args = { .request = { .argv0 = argv[0], .limit = 200, .arena = arena_new() } };
	struct err err = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	PGconn *conn = ctl_connect(&err);
	int failed = !conn ? -1 : !strcmp(args.action, "list") ? list(conn, &args, &err) : remind_try(conn, &args.request, &err);
	PQfinish(conn);		/* its end undoes all */
	arena_free(&args.request.arena);
	return failed ? ctl_fail(argv[0], &err) : CTL_DONE;
}
