/* onetx - the benchmarks' other designs: the same texts, command tables, statements and answers as smsd, put into
 * transactions in another way (shapes.h).  Without --gateway it makes its own texts and measures the database's side
 * alone; with it, it is a box behind bearerbox.
 * Prints a JSON object; ends with 0, 1 when anything failed, 2 on wrong usage. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "onetx.h"

static const struct argp_option option_list[] = {
	{ "db", 'd', "CONNINFO", 0, "The hall's database, as smsd (SMSD_DB)" },
	{ "shape", 'S', "NAME", 0, "one (default), piped, batch" },
	{ "connections", 'c', "N", 0, "To the database (16)" },
	{ "batch", 'B', "N", 0, "Texts a transaction, with --shape=batch (128)" },
	{ "gateway", 'g', "PORT", 0, "bearerbox's smsbox-port: be its box" },
	{ "boxc-id", 'b', "ID", 0, "As which box (smsd)" },
	{ "texts", 'n', "N", 0, "Without a gateway: texts that are measured (10000)" },
	{ "warmup", 'u', "N", 0, "Texts before them (0)" },
	{ "subscribers", 's', "FIRST:COUNT", 0, "Who writes (13800000000:100000)" },
	{ "mix", 'm', "FILE", 0, "What they write: weight, tab, text; or queries (default)" },
	{ "vouchers", 'v', "FIRST:COUNT", 0, "Vouchers for {voucher}, 16 digits" },
	{ "to", 't', "PORT", 0, "The number they write to (10086)" },
	{ "seed", 'x', "N", 0, "Of the choice of texts and of who writes (1)" },
	{ 0 }
};

static uint64_t whole(struct argp_state *state, const char *arg, char end, char **end_r)
{
	uint64_t n = strtoull(arg, end_r, 10);

	if (*arg < '0' || *arg > '9' || **end_r != end)
		argp_error(state, "%s: %s", arg, end ? "FIRST:COUNT is wanted" : "a number is wanted");
	return n;
}

static uint64_t figure(struct argp_state *state, const char *arg, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t n = whole(state, arg, '\0', &end);

	if (n < min || n > max)
		argp_error(state, "%s: a number from %lu to %lu is wanted", arg, min, max);
	return n;
}

static void range(struct argp_state *state, const char *arg, uint64_t *first_r, uint64_t *count_r)
{
	char *end;

	*first_r = whole(state, arg, ':', &end);
	*count_r = figure(state, end + 1, 1, 1u << 30);
}

/* What the options mean together. */
static void check(struct onetx_conf *conf, struct argp_state *state)
{
	if (!conf->conninfo)
		argp_error(state, "--db is wanted, or SMSD_DB in the environment");
	if (conf->batch > conf->shape->texts)
		conf->batch = conf->shape->texts;
	if (!conf->box.port && conf->subscribers < 2 * conf->connections * conf->batch)
		argp_error(state, "too few subscribers: two texts of one could be open at once");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct onetx_conf *conf = state->input;

	switch (key) {
	case 'd':
		conf->conninfo = arg;
		break;
	case 'S':
		conf->shape = shapes_by_name(arg);
		if (!conf->shape)
			argp_error(state, "%s: one, piped or batch is wanted", arg);
		break;
	case 'c':
		conf->connections = figure(state, arg, 1, ONETX_CONNECTIONS_MAX);
		break;
	case 'B':
		conf->batch = figure(state, arg, 1, RUNNER_TEXTS_MAX);
		break;
	case 'g':
		conf->box.port = figure(state, arg, 1, 65535);
		break;
	case 'b':
		conf->box.boxc_id = arg;
		break;
	case 'n':
		conf->texts = figure(state, arg, 1, 1u << 30);
		break;
	case 'u':
		conf->warmup = figure(state, arg, 0, 1u << 30);
		break;
	case 's':
		range(state, arg, &conf->first, &conf->subscribers);
		break;
	case 'm':
		conf->mix = arg;
		break;
	case 'v':
		range(state, arg, &conf->voucher, &conf->vouchers);
		break;
	case 't':
		conf->to = arg;
		break;
	case 'x':
		conf->seed = figure(state, arg, 0, UINT32_MAX);
		break;
	case ARGP_KEY_END:
		check(conf, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, parse, NULL, "Texts in transactions otherwise than smsd puts them.", NULL, NULL, NULL
};

int main(int argc, char **argv)
{
	struct onetx_conf conf = {
		.conninfo = getenv("SMSD_DB"), .shape = shapes_by_name("one"), .connections = 16, .batch = 128,
		.texts = 10000, .first = 13800000000, .subscribers = 100000, .seed = 1, .mix = "queries",
		.to = "10086",
		.box = { .name = "onetx", .host = "127.0.0.1", .boxc_id = "smsd", .heartbeat_s = 30,
			 .backoff_min_ms = 200, .backoff_max_ms = 2000 },
	};
	struct work_hall hall = { 0 };
	struct err err;
	int status;

	argp_err_exit_status = ONETX_USAGE;
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&argp, argc, argv, 0, NULL, &conf);
	if (work_hall_load(conf.conninfo, &hall, &err) < 0) {
		log_error("onetx_tables", "error=\"%s\"", err.text);
		return ONETX_FAILED;
	}
	status = conf.box.port ? gate_run(&conf, &hall) : direct_run(&conf, &hall);
	work_hall_free(&hall);
	return status;
}
