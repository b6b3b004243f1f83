/* trace - `smsctl trace`: what happened with one subscriber, in order of time.  Texts are shown as
 * they are stored, which is with secrets hidden. */
#include <argp.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "table/ask.h"
#include "text/msisdn.h"

/* As ctl_trace.sql gives them.  what: MO, MT, contact, parked.  about: the command; an MT's class; a
 * contact's channel and business.  result: the outcome; the state of an MT (sent: the gateway took
 * it) or of a parked text.  asked: what became of the question before a charge that the text led to;
 * answered, answers: what the text was as an answer, and to which order (smsctl evidence).  again: how
 * often an MT was sent again; due: until when it waits. */
static const struct ctl_column column[] = {
	{ "time", CTL_TEXT, CTL_TABLE_ONLY }, { "at", CTL_TEXT, CTL_JSON_ONLY },
	{ "what" }, { "id", CTL_TEXT, CTL_JSON_ONLY }, { "port" }, { "link", CTL_TEXT, CTL_JSON_ONLY },
	{ "about" }, { "result" }, { "detail", CTL_TEXT, CTL_TABLE_ONLY },
	{ "version", CTL_NUMBER, CTL_JSON_ONLY }, { "segments", CTL_NUMBER, CTL_JSON_ONLY },
	{ "tip", CTL_TEXT, CTL_JSON_ONLY }, { "why", CTL_TEXT, CTL_JSON_ONLY },
	{ "reported_at", CTL_TEXT, CTL_JSON_ONLY }, { "asked", CTL_TEXT, CTL_JSON_ONLY },
	{ "answered", CTL_TEXT, CTL_JSON_ONLY }, { "answers", CTL_TEXT, CTL_JSON_ONLY },
	{ "again", CTL_NUMBER, CTL_JSON_ONLY }, { "due", CTL_TEXT, CTL_JSON_ONLY }, { "text" },
};
enum { COLUMNS = sizeof(column) / sizeof(*column) };

struct args {
	const char *number, *since;
	struct msisdn msisdn;
	char interval[64];	/* since, in PostgreSQL's words: its "m" may be months */
	bool json;
};

static const struct argp_option options[] = {
	{ "since", 's', "TIME", 0, "How far back: 90m, 24h (default), 7d", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static bool parse_since(struct args *args)
{
	static const struct { char letter; const char *word; } unit[] = {
		{ 'm', "minutes" }, { 'h', "hours" }, { 'd', "days" },
	};
	size_t n = strlen(args->since);

	for (unsigned i = 0; n && i < sizeof(unit) / sizeof(*unit); i++)
		if (args->since[n - 1] == unit[i].letter && n <= 7 &&
		    str_digits(str_n(args->since, n - 1))) {
			snprintf(args->interval, sizeof(args->interval), "%.*s %s", (int)n - 1,
				 args->since, unit[i].word);
			return true;
		}
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;
	struct err err;

	switch (key) {
	case 's':
		args->since = arg;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->number)
			argp_error(state, "\"%s\" is one number too many", arg);
		args->number = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->number)
			argp_error(state, "whose number?");
		else if (msisdn_parse(str_z(args->number), &args->msisdn, &err) < 0)
			argp_error(state, "%s", err.text);
		if (!parse_since(args))
			argp_error(state, "--since \"%s\" is no duration (write 90m, 24h or 7d)",
				   args->since);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options, parse, "MSISDN",
	"What happened with a subscriber: his texts (MO), our messages (MT) and what became of them, "
	"contacts with other channels, texts that were parked.", NULL, NULL, NULL,
};

int trace_main(int argc, char **argv)
{
	struct args args = { .since = "24h" };
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	PGconn *conn = ctl_connect(&err);
	if (!conn)
		return ctl_fail(argv[0], &err);
	PGresult *res = ask(conn, Q_CTL_TRACE, 2,
			    (const char *const[]){ args.msisdn.text, args.interval }, &err);
	if (res) {
		struct ctl_table *table = ctl_table_new(column, COLUMNS, args.json);

		ctl_table_result(table, res);
		ctl_table_print(&table,
				"nothing happened in that time (--since 7d looks further back)",
				stdout);
	}
	PQclear(res);
	PQfinish(conn);
	return res ? CTL_DONE : ctl_fail(argv[0], &err);
}
