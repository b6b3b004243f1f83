/* smsc - a simulated message centre for development and tests: SMPP 3.4 to the gateway on one
 * port, handsets and trouble by a text protocol on another (README.md).  Ends with 0 on SIGTERM or
 * SIGINT, 1 when it cannot start, 2 on wrong usage. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "center.h"
#include "handset.h"

enum { USAGE = 2 };

struct options {
	struct center_conf center;
	int control;
	const char *pid;
};

enum { OPT_PORT = 'p', OPT_CONTROL = 'c', OPT_PID = 256, OPT_WINDOW, OPT_RETRY, OPT_ANSWER,
       OPT_ENQUIRE, OPT_RECEIPT, OPT_SYSTEM_ID, OPT_PASSWORD, OPT_LOG };

static const struct argp_option option_list[] = {
	{ "port", OPT_PORT, "PORT", 0, "SMPP on 127.0.0.1 (0: any free port)" },
	{ "control", OPT_CONTROL, "PORT", 0, "The control protocol on 127.0.0.1 (0: any free)" },
	{ "pid", OPT_PID, "FILE", 0, "Write the process id there once both ports are open" },
	{ "window", OPT_WINDOW, "N", 0, "Unanswered deliver_sm a bind (100)" },
	{ "retry", OPT_RETRY, "MS", 0, "From a temporary error to the next try (1000)" },
	{ "answer", OPT_ANSWER, "S", 0, "Wait for a deliver_sm_resp before trying again (60)" },
	{ "enquire", OPT_ENQUIRE, "S", 0, "Between enquire_link (30)" },
	{ "receipt", OPT_RECEIPT, "MS", 0, "From a message's acceptance to its receipt (20)" },
	{ "system-id", OPT_SYSTEM_ID, "NAME", 0, "Let only this one bind (default: everybody)" },
	{ "password", OPT_PASSWORD, "WORD", 0, "Its password" },
	{ "log", OPT_LOG, "LEVEL", 0, "error, warn, info (default) or debug" },
	{ 0 }
};

static unsigned whole(struct argp_state *state, const char *arg, unsigned max)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (!*arg || *end || n > max || *arg == '-')
		argp_error(state, "%s: a number up to %u is wanted", arg, max);
	return n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	int level;

	switch (key) {
	case OPT_PORT:
		o->center.port = whole(state, arg, 65535);
		break;
	case OPT_CONTROL:
		o->control = whole(state, arg, 65535);
		break;
	case OPT_PID:
		o->pid = arg;
		break;
	case OPT_WINDOW:
		o->center.window = whole(state, arg, 100000);
		if (!o->center.window)
			argp_error(state, "--window: at least 1");
		break;
	case OPT_RETRY:
		o->center.retry_ms = whole(state, arg, 3600000);
		break;
	case OPT_ANSWER:
		o->center.answer_s = whole(state, arg, 86400);
		break;
	case OPT_ENQUIRE:
		o->center.enquire_s = whole(state, arg, 86400);
		break;
	case OPT_RECEIPT:
		o->center.receipt_ms = whole(state, arg, 3600000);
		break;
	case OPT_SYSTEM_ID:
		o->center.system_id = arg;
		break;
	case OPT_PASSWORD:
		o->center.password = arg;
		break;
	case OPT_LOG:
		level = log_level_parse(str_z(arg));
		if (level < 0)
			argp_error(state, "--log: error, warn, info or debug");
		log_level_set(level);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, parse, NULL,
	"A simulated message centre: SMPP 3.4 for the gateway, handsets by a text protocol.",
	NULL, NULL, NULL
};

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static int write_pid(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f)) {
		log_error("smsc_pid", "file=%s error=\"%m\"", path);
		return -1;
	}
	return 0;
}

static void close_signal(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle) && handle->type == UV_SIGNAL)
		uv_close(handle, NULL);
}

static int serve(uv_loop_t *loop, const struct options *o)
{
	uv_signal_t term, interrupt;
	int failed = 0;

	uv_signal_init(loop, &term);
	uv_signal_init(loop, &interrupt);
	uv_signal_start(&term, on_signal, SIGTERM);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	if (o->pid && write_pid(o->pid) < 0)
		failed = 1;
	else
		uv_run(loop, UV_RUN_DEFAULT);
	if (o->pid)
		unlink(o->pid);
	uv_walk(loop, close_signal, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
	return failed;
}

static int run(const struct options *o)
{
	uv_loop_t *loop = uv_default_loop();
	struct center *center = NULL;
	struct err err;
	int status = 1;
	struct handset *handset = handset_new(loop, o->control, &err);

	if (handset)
		center = center_new(loop, &o->center, &handset_events, handset, &err);
	if (center) {
		handset_center(handset, center);
		log_info("smsc_ready", "smpp=%d control=%d window=%u", center_port(center),
			 handset_port(handset), o->center.window);
		status = serve(loop, o);
	} else {
		log_error("smsc_start", "error=\"%s\"", err.text);
	}
	center_free(&center);
	handset_free(&handset);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {
		.center = { .port = 2775, .window = 100, .retry_ms = 1000, .answer_s = 60,
			    .enquire_s = 30, .receipt_ms = 20 },
		.control = 2776,
	};

	argp_err_exit_status = USAGE;
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	return run(&o);
}
