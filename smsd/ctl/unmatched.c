/* unmatched - `smsctl unmatched`: what customers wrote that no command answered, so that wordings
 * can be added (`smsctl tables alias`).  Digits are masked by their number: the texts are alike but
 * for them, and they may be somebody's.  Small talk was answered by commands with `chat: true` in
 * the active tables and is counted apart. */
#include <argp.h>
#include <stdlib.h>

#include "ctl/active.h"
#include "ctl/ctl.h"
#include "ctl/since.h"
#include "table/ask.h"

/* As ctl_unmatched.sql gives them; GROUPS follows. */
static const struct ctl_column column[] = {
	{ "count", CTL_NUMBER }, { "senders", CTL_NUMBER },
	{ "first", CTL_TEXT, CTL_TABLE_ONLY }, { "last", CTL_TEXT, CTL_TABLE_ONLY },
	{ "first_at", CTL_TEXT, CTL_JSON_ONLY }, { "last_at", CTL_TEXT, CTL_JSON_ONLY },
	{ "text", CTL_TEXT, CTL_TABLE_ONLY }, { "text", CTL_TEXT, CTL_JSON_ONLY },
	{ "example", CTL_TEXT, CTL_TABLE_ONLY }, { "example", CTL_TEXT, CTL_JSON_ONLY },
	{ "answered", CTL_TEXT, CTL_TABLE_ONLY }, { "outcome", CTL_TEXT, CTL_JSON_ONLY },
	{ "command", CTL_TEXT, CTL_JSON_ONLY }, { "answer", CTL_TEXT, CTL_JSON_ONLY },
};
enum { COLUMNS = sizeof(column) / sizeof(*column), GROUPS = COLUMNS };
enum { SUM_TEXTS, SUM_UNMATCHED, SUM_TALK, SUM_SINCE, SUM_SINCE_UTC };

struct args {
	const char *since, *limit;
	bool json;
};

static const struct argp_option options[] = {
	{ "since", 's', "TIME", 0,
	  "Texts of that time and later: 90m, 24h (default), 7d, or \"2026-11-22 08:00\" "
	  "(in China)", 0 },
	{ "limit", 'n', "N", 0, "At most so many lines (default 50)", 0 },
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
	case 'n':
		if (!str_digits(str_z(arg)) || strlen(arg) > 6 || atoi(arg) == 0)
			argp_error(state, "--limit \"%s\" is no number from 1 to 999999", arg);
		args->limit = arg;
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
	"Texts that no command answered, alike but for digits and spaces, most frequent first.\v"
	"‹11› stands for a run of 11 digits.  Where a command's usage text or an offer was the "
	"answer, its name follows.  `smsctl tables alias` gives a command one more wording.",
	NULL, NULL, NULL,
};

static bool is_chat(struct str table, const struct yaml_node *command)
{
	const struct yaml_node *chat = yaml_get(command, "chat");

	(void)table;
	return chat && chat->kind == YAML_SCALAR && str_eqz(chat->value, "true");
}

static double share(const PGresult *sum, int what)
{
	double all = strtod(PQgetvalue(sum, 0, SUM_TEXTS), NULL);

	return all > 0 ? 100 * strtod(PQgetvalue(sum, 0, what), NULL) / all : 0;
}

static void print_json(const PGresult *res, const PGresult *sum)
{
	struct ctl_table *table = ctl_table_new(column, COLUMNS, true);

	printf("{\"since\": \"%s\", \"texts\": %s, \"unmatched\": %s, \"small_talk\": %s, "
	       "\"wordings\": %s, \"list\": ",
	       PQgetvalue(sum, 0, SUM_SINCE_UTC), PQgetvalue(sum, 0, SUM_TEXTS),
	       PQgetvalue(sum, 0, SUM_UNMATCHED), PQgetvalue(sum, 0, SUM_TALK),
	       PQntuples(res) ? PQgetvalue(res, 0, GROUPS) : "0");
	ctl_table_result(table, res);
	ctl_table_print(&table, "", stdout);
	puts("}");
}

static void print_text(const PGresult *res, const PGresult *sum)
{
	struct ctl_table *table = ctl_table_new(column, COLUMNS, false);
	int shown = PQntuples(res), groups = shown ? ask_int(res, 0, GROUPS) : 0;

	ctl_table_result(table, res);
	ctl_table_print(&table, "every text was answered by a command", stdout);
	if (groups > shown)
		printf("… and %d more of these lines (--limit %d shows all)\n", groups - shown,
		       groups);
	printf("of %s texts since %s: %s answered by no command (%.1f%%), %s small talk (%.1f%%)\n",
	       PQgetvalue(sum, 0, SUM_TEXTS), PQgetvalue(sum, 0, SUM_SINCE),
	       PQgetvalue(sum, 0, SUM_UNMATCHED), share(sum, SUM_UNMATCHED),
	       PQgetvalue(sum, 0, SUM_TALK), share(sum, SUM_TALK));
}

static int unmatched(PGconn *conn, struct arena *arena, const struct args *args, struct err *err)
{
	const char *param[2] = { NULL, args->limit };
	const char *sum_param[2];

	if (since_resolve(conn, arena, "--since", args->since, &param[0], err) < 0)
		return err->class == ERR_INPUT ? CTL_USAGE : CTL_FAILED;
	sum_param[0] = param[0];
	if (active_commands(conn, arena, is_chat, &sum_param[1], err) < 0)
		return CTL_FAILED;
	PGresult *res = ask(conn, Q_CTL_UNMATCHED, 2, param, err);
	PGresult *sum = res ? ask(conn, Q_CTL_UNMATCHED_SUM, 2, sum_param, err) : NULL;
	if (sum)
		(args->json ? print_json : print_text)(res, sum);
	PQclear(res);
	PQclear(sum);
	return sum ? CTL_DONE : CTL_FAILED;
}

int unmatched_main(int argc, char **argv)
{
	struct args args = { .since = "24h", .limit = "50" };
	struct arena *arena = arena_new();
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	PGconn *conn = ctl_connect(&err);
	int result = conn ? unmatched(conn, arena, &args, &err) : -1;
	int status = ctl_finish(argv[0], conn, result, &err);
	arena_free(&arena);
	return status;
}
