/* evidence - `smsctl evidence`: for each order of a subscriber what was asked before the charge,
 * what he answered, and what was done; per order for a regulator.  The texts stand as they were
 * sent and typed (secrets hidden). */
#include <argp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "ctl/ctl.h"
#include "ctl/since.h"
#include "table/ask.h"
#include "text/msisdn.h"

/* As ctl_evidence.sql gives them; JSON follows. */
static const struct ctl_column column[] = {
	{ "order" }, { "state" }, { "number" }, { "port" }, { "command" }, { "ordered" },
	{ "asked" }, { "question" }, { "answer before" }, { "answered" }, { "outcome" },
	{ "replied" }, { "reply" },
};
enum { COLUMNS = sizeof(column) / sizeof(*column), JSON = COLUMNS };

struct args {
	const char *number, *since, *until, *order;
	struct msisdn msisdn;
	bool json, unmask;
};

static const struct argp_option options[] = {
	{ "since", 's', "TIME", 0,
	  "Orders of that time and later: 90m, 24h, 30d (default), or \"2026-11-22 08:00\" "
	  "(in China)", 0 },
	{ "until", 'u', "TIME", 0, "Orders up to that time", 0 },
	{ "order", 'o', "ID", 0, "This order only, whenever it was", 0 },
	{ "unmask", 'U', NULL, 0, "Show the number whole", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static void finish(struct args *args, struct argp_state *state)
{
	struct uuid uuid;
	struct err err;

	if (!args->number)
		argp_error(state, "whose number?");
	else if (msisdn_parse(str_z(args->number), &args->msisdn, &err) < 0)
		argp_error(state, "%s", err.text);
	if (args->order && uuid_parse(str_z(args->order), &uuid, NULL) < 0)
		argp_error(state, "--order \"%s\" is no order's id (smsctl evidence NUMBER shows "
			   "them)", args->order);
	if (args->order && (args->since || args->until))
		argp_error(state, "an order's id says which: --since and --until go without it");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 's': args->since = arg; break;
	case 'u': args->until = arg; break;
	case 'o': args->order = arg; break;
	case 'U': args->unmask = true; break;
	case 'j': args->json = true; break;
	case ARGP_KEY_ARG:
		if (args->number)
			argp_error(state, "\"%s\" is one number too many", arg);
		args->number = arg;
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
	options, parse, "NUMBER",
	"The evidence of double confirmation: for each order of a subscriber the text, the "
	"question and whether it was delivered, the answer, the price that both were about, and "
	"what was done.\v"
	"The state is open, expired (nobody answered), accepted, declined, late, changed (the "
	"price was another by then) or replaced (ordered anew).", NULL, NULL, NULL,
};

/* What there is of an order, a line each. */
static void print_order(const PGresult *res, int r)
{
	struct ctl_column there[COLUMNS];
	const char *cell[COLUMNS];
	unsigned n = 0;

	for (unsigned c = 0; c < COLUMNS; c++)
		if (!PQgetisnull(res, r, c)) {
			there[n] = column[c];
			cell[n++] = PQgetvalue(res, r, c);
		}
	ctl_print_record(there, n, cell, false, stdout);
}

static void print_text(const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++) {
		if (r)
			putchar('\n');
		print_order(res, r);
	}
	if (PQntuples(res) == 0)
		puts("nothing was asked before a charge in that time "
		     "(--since 180d looks further back)");
}

static void print_json(const PGresult *res, bool one)
{
	if (one) {
		puts(PQgetvalue(res, 0, JSON));
		return;
	}
	for (int r = 0; r < PQntuples(res); r++)
		printf("%s%s", r ? ",\n" : "[\n", PQgetvalue(res, r, JSON));
	puts(PQntuples(res) ? "\n]" : "[]");
}

static int show(PGconn *conn, const struct args *args, const char *since, const char *until,
		struct err *err)
{
	char masked[MSISDN_MAX + 1];
	const char *number = args->msisdn.text;

	msisdn_mask(str_z(number), masked);
	PGresult *res = ask(conn, Q_CTL_EVIDENCE, 5,
			    (const char *const[]){ number, since, until, args->order,
						   args->unmask ? number : masked }, err);
	int result = res ? 0 : -1;
	if (res && args->order && PQntuples(res) == 0)
		result = err_set(err, ERR_INPUT, "%s has no order with the id %s "
				 "(smsctl evidence NUMBER --since 180d shows all)",
				 masked, args->order);
	else if (res && args->json)
		print_json(res, args->order);
	else if (res)
		print_text(res);
	PQclear(res);
	return result;
}

static int evidence(PGconn *conn, struct arena *arena, const struct args *args, struct err *err)
{
	const char *since = NULL, *until = NULL;

	const char *back = args->since ? args->since : "30d";

	if (!args->order && since_resolve(conn, arena, "--since", back, &since, err) < 0)
		return err->class == ERR_INPUT ? CTL_USAGE : CTL_FAILED;
	if (args->until && since_resolve(conn, arena, "--until", args->until, &until, err) < 0)
		return err->class == ERR_INPUT ? CTL_USAGE : CTL_FAILED;
	return show(conn, args, since, until, err) < 0 ? CTL_FAILED : CTL_DONE;
}

int evidence_main(int argc, char **argv)
{
	struct args args = { 0 };
	struct arena *arena = arena_new();
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	PGconn *conn = ctl_connect(&err);
	int result = conn ? evidence(conn, arena, &args, &err) : -1;
	int status = ctl_finish(argv[0], conn, result, &err);
	arena_free(&arena);
	return status;
}
