/* steer - `smsctl steer`: whether telling customers of our other channels brings them there, how the
 * channels share the business, and which staff customers named for it.  Counts only: no number of
 * anybody is shown. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/active.h"
#include "ctl/ctl.h"
#include "ctl/since.h"
#include "table/ask.h"

/* As ctl_steer_report.sql gives them. */
static const struct ctl_column report_column[] = {
	{ "source" }, { "name" }, { "target" }, { "version", CTL_TEXT, CTL_TABLE_ONLY },
	{ "version", CTL_NUMBER, CTL_JSON_ONLY }, { "days", CTL_NUMBER }, { "told", CTL_NUMBER },
	{ "came", CTL_TEXT, CTL_TABLE_ONLY }, { "told_used", CTL_NUMBER, CTL_JSON_ONLY },
	{ "told_share", CTL_NUMBER, CTL_JSON_ONLY }, { "control", CTL_NUMBER },
	{ "came", CTL_TEXT, CTL_TABLE_ONLY }, { "control_used", CTL_NUMBER, CTL_JSON_ONLY },
	{ "control_share", CTL_NUMBER, CTL_JSON_ONLY }, { "result", CTL_TEXT, CTL_TABLE_ONLY },
	{ "verdict", CTL_TEXT, CTL_JSON_ONLY }, { "lift", CTL_NUMBER, CTL_JSON_ONLY },
	{ "low", CTL_NUMBER, CTL_JSON_ONLY }, { "high", CTL_NUMBER, CTL_JSON_ONLY },
	{ "p", CTL_NUMBER, CTL_JSON_ONLY }, { "waiting", CTL_NUMBER, CTL_JSON_ONLY },
	{ "already", CTL_NUMBER, CTL_JSON_ONLY }, { "mixed", CTL_NUMBER, CTL_JSON_ONLY },
};
enum { REPORT_COLUMNS = sizeof(report_column) / sizeof(*report_column) };
enum { VERSION = 4, DAYS = 5, VERDICT = 15, WAITING = 20, ALREADY = 21, MIXED = 22 };

static const struct ctl_column channel_column[] = {
	{ "channel" }, { "business" }, { "uses", CTL_NUMBER }, { "transactions", CTL_NUMBER },
	{ "share", CTL_NUMBER },
};
enum { CHANNEL, BUSINESS, USES, TRANSACTIONS, SHARE, CHANNEL_COLUMNS };

static const struct ctl_column staff_column[] = {
	{ "staff" }, { "hall" }, { "points", CTL_NUMBER }, { "entries", CTL_NUMBER },
	{ "customers", CTL_NUMBER }, { "told", CTL_NUMBER },
};
enum { STAFF_COLUMNS = sizeof(staff_column) / sizeof(*staff_column) };

struct args {
	const char *action, *source, *name, *from, *until;
	bool business, json;
};

static const struct argp_option options[] = {
	{ "source", 's', "WHAT", 0, "report: tip, reminder or blast only", 0 },
	{ "name", 'n', "NAME", 0, "report: this one only", 0 },
	{ "from", 'f', "TIME", 0,
	  "From then: 90d, yesterday, 2026-11-01 or \"2026-11-22 08:00\" (in China); report: all "
	  "that is kept, else 30d, unless given", 0 },
	{ "until", 'u', "TIME", 0, "Up to then", 0 },
	{ "business", 'b', NULL, 0, "channels: by business as well", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static bool is_source(const char *z)
{
	return !strcmp(z, "tip") || !strcmp(z, "reminder") || !strcmp(z, "blast");
}

static void finish(const struct args *args, struct argp_state *state)
{
	bool report;

	if (!args->action)
		argp_error(state, "report, channels or staff?");
	report = !strcmp(args->action, "report");
	if (!report && strcmp(args->action, "channels") != 0 && strcmp(args->action, "staff") != 0)
		argp_error(state, "there is no \"%s\" (report, channels, staff)", args->action);
	if (!report && (args->source || args->name))
		argp_error(state, "--source and --name belong to report");
	if (args->business && strcmp(args->action, "channels") != 0)
		argp_error(state, "--business belongs to channels");
	if (args->source && !is_source(args->source))
		argp_error(state, "--source \"%s\" is none (tip, reminder, blast)", args->source);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 's': args->source = arg; break;
	case 'n': args->name = arg; break;
	case 'f': args->from = arg; break;
	case 'u': args->until = arg; break;
	case 'b': args->business = true; break;
	case 'j': args->json = true; break;
	case ARGP_KEY_ARG:
		if (args->action)
			argp_error(state, "\"%s\" is one word too many", arg);
		args->action = arg;
		break;
	case ARGP_KEY_END:
		finish(args, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	options, parse, "report|channels|staff",
	"report: for each tip, reminder and blast that leads to another channel, how many of those who "
	"were told used it for the first time within 7 and 30 days, and how many of the control group, "
	"whom nobody told.\n"
	"channels: how the channels share the business.\n"
	"staff: whom customers named as the ones who told them.\v"
	"The points are percentage points between both shares; with 95 % probability the true "
	"difference lies in the brackets.  \"Too few to tell\": each group needs 100 whose days are "
	"over, and as many that five of either would come and five would not.", NULL, NULL, NULL,
};

static void sum_up(const PGresult *res)
{
	static const struct { int column; const char *what; } rest[] = {
		{ WAITING, "are waited for: their days are not over" },
		{ ALREADY, "are left out: they had used the channel before" },
		{ MIXED, "are left out: the control share was changed, and they were in both groups" },
	};

	for (unsigned i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		long long n = 0;

		for (int r = 0; r < PQntuples(res); r++)
			if (PQgetisnull(res, r, VERSION) && ask_int(res, r, DAYS) == 30)
				n += strtoll(PQgetvalue(res, r, rest[i].column), NULL, 10);
		if (n)
			printf("%lld %s\n", n, rest[i].what);
	}
	for (int r = 0; r < PQntuples(res); r++)
		if (!strcmp(PQgetvalue(res, r, VERDICT), "too_few")) {
			puts("too few to tell: each group needs 100 whose days are over, and enough that "
			     "five would come and five would not");
			break;
		}
}

static int report(PGconn *conn, const struct args *args, const char *from, const char *until,
		  struct err *err)
{
	PGresult *res = ask(conn, Q_CTL_STEER_REPORT, 4,
			    (const char *const[]){ args->source, args->name, from, until }, err);

	if (!res)
		return CTL_FAILED;
	struct ctl_table *table = ctl_table_new(report_column, REPORT_COLUMNS, args->json);
	ctl_table_result(table, res);
	ctl_table_print(&table, "nobody was told of a channel in that time (tips, reminders and blasts "
			"note it where their table says `steers`)", stdout);
	if (!args->json)
		sum_up(res);
	PQclear(res);
	return CTL_DONE;
}

/* What is no transaction, only a use. */
static bool is_asking(struct str table, const struct yaml_node *command)
{
	const struct yaml_node *risk = yaml_get(command, "risk");

	return str_eqz(table, "recharge") || (risk && str_eqz(risk->value, "query"));
}

/* Staff at a counter or on a telephone are what the others spare. */
static void print_e_share(const PGresult *res)
{
	double all = 0, e = 0;

	for (int r = 0; r < PQntuples(res); r++) {
		const char *channel = PQgetvalue(res, r, CHANNEL);
		double n = strtod(PQgetvalue(res, r, TRANSACTIONS), NULL);

		all += n;
		e += strcmp(channel, "counter") && strcmp(channel, "hotline") ? n : 0;
	}
	if (all > 0)
		printf("%.1f %% of the transactions were done without counter and hotline; queries and "
		       "recharges are uses, but no transactions\n", 100 * e / all);
}

static int channels(PGconn *conn, struct arena *arena, const struct args *args, const char *from,
		    const char *until, struct err *err)
{
	const char *param[] = { from, until, NULL, args->business ? "t" : "f" };
	struct ctl_column column[CHANNEL_COLUMNS];

	memcpy(column, channel_column, sizeof(column));
	if (!args->business)
		column[BUSINESS].where = CTL_JSON_ONLY;
	if (active_commands(conn, arena, is_asking, &param[2], err) < 0)
		return CTL_FAILED;
	PGresult *res = ask(conn, Q_CTL_STEER_CHANNELS, 4, param, err);
	if (!res)
		return CTL_FAILED;
	struct ctl_table *table = ctl_table_new(column, CHANNEL_COLUMNS, args->json);
	ctl_table_result(table, res);
	ctl_table_print(&table, "no channel was used in that time", stdout);
	if (!args->json)
		print_e_share(res);
	PQclear(res);
	return CTL_DONE;
}

static int staff(PGconn *conn, const struct args *args, const char *from, const char *until,
		 struct err *err)
{
	PGresult *res = ask(conn, Q_CTL_STEER_STAFF, 2, (const char *const[]){ from, until }, err);

	if (!res)
		return CTL_FAILED;
	struct ctl_table *table = ctl_table_new(staff_column, STAFF_COLUMNS, args->json);
	ctl_table_result(table, res);
	ctl_table_print(&table, "no customer named anybody in that time", stdout);
	PQclear(res);
	return CTL_DONE;
}

static int resolve(PGconn *conn, struct arena *arena, const char *option, const char *text,
		   const char **out_r, struct err *err)
{
	if (!text || since_resolve(conn, arena, option, text, out_r, err) == 0)
		return CTL_DONE;
	return err->class == ERR_INPUT ? CTL_USAGE : CTL_FAILED;
}

static int steer(PGconn *conn, struct arena *arena, const struct args *args, struct err *err)
{
	bool all = !strcmp(args->action, "report");
	const char *from = NULL, *until = all ? NULL : "infinity";
	int status = resolve(conn, arena, "--from", args->from ? args->from : all ? NULL : "30d", &from, err);

	if (status == CTL_DONE)
		status = resolve(conn, arena, "--until", args->until, &until, err);
	if (status != CTL_DONE)
		return status;
	if (all)
		return report(conn, args, from, until, err);
	if (!strcmp(args->action, "channels"))
		return channels(conn, arena, args, from, until, err);
	return staff(conn, args, from, until, err);
}

int steer_main(int argc, char **argv)
{
	struct args args = { 0 };
	struct arena *arena = arena_new();
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	PGconn *conn = ctl_connect(&err);
	int result = conn ? steer(conn, arena, &args, &err) : -1;
	int status = ctl_finish(argv[0], conn, result, &err);
	arena_free(&arena);
	return status;
}
