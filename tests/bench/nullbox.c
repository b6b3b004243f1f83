/* nullbox - a box that does no business: acknowledges each text and answers it at once, with no
 * database.  Its rate is the gateway's own limit, which the benchmarks divide by; with --echo it
 * shows what the gateway makes of a text on both ways.
 * Ends with 0 on SIGTERM or SIGINT, 2 on wrong usage. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "base/log.h"
#include "replies.h"
#include "respond.h"

enum { USAGE = 2 };

struct nullbox {
	struct box_conf conf;
	const char *reply, *replies_path;
	bool echo;
	int dlr_mask;
	struct replies *replies;
	struct box *box;
	uv_prepare_t prepare;
	uint64_t mos, reports, acks, nacks;
};

static void answer(struct nullbox *n, const struct box_sms *mo)
{
	const struct reply_line *line = replies_next(n->replies);
	struct response response = {
		.text = line->wire, .coding = line->coding, .boxc_id = n->conf.boxc_id,
		.dlr_mask = n->dlr_mask && (line->report || !n->replies_path) ? n->dlr_mask : 0,
	};

	if (n->echo) {
		response.text = mo->msgdata.ptr ? mo->msgdata : STR("");
		response.udh = mo->udhdata;
		response.coding = mo->coding;
	}
	respond_send(n->box, mo, &response);
}

static void on_msg(struct nullbox *n, const struct box_msg *msg)
{
	if (msg->type == BOX_ACK) {
		n->acks++;
		n->nacks += msg->ack.nack != BOX_ACK_SUCCESS && msg->ack.nack != BOX_ACK_BUFFERED;
		return;
	}
	respond_ack(n->box, &msg->sms);
	if (msg->sms.sms_type == BOX_MO) {
		n->mos++;
		answer(n, &msg->sms);
	} else {
		n->reports++;
		log_debug("report", "dlr_url=%.*s mask=%d text=\"%.*s\"", STR_ARG(msg->sms.dlr_url),
			  msg->sms.dlr_mask, STR_ARG(msg->sms.msgdata));
	}
}

static void on_box(void *arg, struct box *box, enum box_event event, const struct box_msg *msg)
{
	struct nullbox *n = arg;

	switch (event) {
	case BOX_EV_MSG:
		on_msg(n, msg);
		break;
	case BOX_EV_UP:
		log_info("box_up", "host=%s port=%d", n->conf.host, n->conf.port);
		break;
	case BOX_EV_SHUTDOWN:
		box_close(box, true);
		break;
	case BOX_EV_DOWN:
	case BOX_EV_SUSPEND:
	case BOX_EV_RESUME:
		break;
	}
}

/* One write for all that was answered in this turn of the loop. */
static void before_sleep(uv_prepare_t *prepare)
{
	struct nullbox *n = prepare->data;

	box_flush(n->box);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static void report(const struct nullbox *n)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	double us = r.ru_utime.tv_sec * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_sec * 1e6 +
		    r.ru_stime.tv_usec;
	printf("{\"mos\":%lu,\"acks\":%lu,\"nacks\":%lu,\"reports\":%lu,\"cpu_us_per_mo\":%.1f}\n",
	       n->mos, n->acks, n->nacks, n->reports, n->mos ? us / n->mos : 0);
}

static void run(struct nullbox *n)
{
	uv_loop_t *loop = uv_default_loop();
	uv_signal_t term, interrupt;

	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(loop, &term);
	uv_signal_init(loop, &interrupt);
	uv_signal_start(&term, on_signal, SIGTERM);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	n->box = box_new(loop, &n->conf, on_box, n);
	uv_prepare_init(loop, &n->prepare);
	n->prepare.data = n;
	uv_prepare_start(&n->prepare, before_sleep);
	uv_run(loop, UV_RUN_DEFAULT);
	report(n);
	uv_close((uv_handle_t *)&n->prepare, NULL);
	uv_close((uv_handle_t *)&term, NULL);
	uv_close((uv_handle_t *)&interrupt, NULL);
	box_free(&n->box);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
}

static const struct argp_option option_list[] = {
	{ "host", 'h', "HOST", 0, "Where bearerbox is (127.0.0.1)" },
	{ "port", 'p', "PORT", 0, "Its smsbox-port (13001)" },
	{ "boxc-id", 'b', "ID", 0, "As which box (smsd)" },
	{ "reply", 'r', "TEXT", 0, "What every text is answered with" },
	{ "replies", 'R', "FILE", 0, "Answers to be given in turn: 0 or 1 (report wanted), tab, text" },
	{ "echo", 'e', NULL, 0, "Answer each text with itself" },
	{ "dlr-mask", 'd', "MASK", 0, "Ask for delivery reports (31: all), with --replies for those "
	  "marked 1" },
	{ "log", 'l', "LEVEL", 0, "error, warn, info (default) or debug" },
	{ 0 }
};

static int whole(struct argp_state *state, const char *arg, int max)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (!*arg || *end || n < 0 || n > max)
		argp_error(state, "%s: a number up to %d is wanted", arg, max);
	return n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct nullbox *n = state->input;
	int level;

	switch (key) {
	case 'h':
		n->conf.host = arg;
		break;
	case 'p':
		n->conf.port = whole(state, arg, 65535);
		break;
	case 'b':
		n->conf.boxc_id = arg;
		break;
	case 'r':
		n->reply = arg;
		break;
	case 'R':
		n->replies_path = arg;
		break;
	case 'e':
		n->echo = true;
		break;
	case 'd':
		n->dlr_mask = whole(state, arg, 31);
		break;
	case 'l':
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
	option_list, parse, NULL, "A box that answers every text at once, with no database.",
	NULL, NULL, NULL
};

int main(int argc, char **argv)
{
	struct nullbox n = {
		.conf = { .name = "null", .host = "127.0.0.1", .port = 13001, .boxc_id = "smsd",
			  .heartbeat_s = 30, .backoff_min_ms = 200, .backoff_max_ms = 2000 },
		.reply = "Your balance is 50.00 yuan.",
	};
	struct err err;

	argp_err_exit_status = USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &n);
	n.replies = n.replies_path ? replies_read(n.replies_path, &err) : replies_one(n.reply);
	if (!n.replies) {
		fprintf(stderr, "nullbox: %s\n", err.text);
		return USAGE;
	}
	run(&n);
	replies_free(&n.replies);
	return 0;
}
