/* nullbox - a box that does no business: acknowledges each text and answers it at once, with no
 * database.  Its rate is the gateway's own limit, which the benchmarks divide by; with --echo it
 * shows what the gateway makes of a text on both ways.
 * Ends with 0 on SIGTERM or SIGINT, 2 on wrong usage. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "kannel/box.h"
#include "text/glyph.h"
#include "text/utf16.h"

enum { USAGE = 2 };

struct nullbox {
	struct box_conf conf;
	const char *reply;
	bool echo;
	int dlr_mask;
	struct arena *arena;
	struct box *box;
	struct str text;		/* the reply as it goes on the wire */
	int coding;
	uv_prepare_t prepare;
	uint64_t mos, reports, acks, nacks;
};

static void acknowledge(struct nullbox *n, const struct box_sms *sms)
{
	struct box_msg ack = {
		.type = BOX_ACK,
		.ack = { .nack = BOX_ACK_SUCCESS, .time = sms->time, .id = sms->id },
	};

	box_send(n->box, &ack);
}

static void answer(struct nullbox *n, const struct box_sms *mo)
{
	struct box_msg mt = { .type = BOX_SMS };
	struct box_sms *sms = &mt.sms;
	struct uuid parent, id;
	char text[UUID_TEXT + 1];

	if (uuid_parse(mo->id, &parent, NULL) < 0)
		parent = uuid_v7();
	id = uuid_derive(&parent, 1);
	uuid_format(&id, text);
	wire_sms_init(sms);
	sms->sender = mo->receiver.ptr ? mo->receiver : STR("");
	sms->receiver = mo->sender;
	sms->msgdata = n->text;
	sms->coding = n->coding;
	if (n->echo) {
		sms->msgdata = mo->msgdata.ptr ? mo->msgdata : STR("");
		sms->udhdata = mo->udhdata;
		sms->coding = mo->coding;
	}
	sms->id = str_n(text, UUID_TEXT);
	sms->sms_type = BOX_MT_REPLY;
	sms->time = time(NULL);
	sms->smsc_id = mo->smsc_id;
	sms->boxc_id = str_z(n->conf.boxc_id);
	if (n->dlr_mask) {
		sms->dlr_mask = n->dlr_mask;
		sms->dlr_url = sms->id;
	}
	box_send(n->box, &mt);
}

static void on_msg(struct nullbox *n, const struct box_msg *msg)
{
	if (msg->type == BOX_ACK) {
		n->acks++;
		n->nacks += msg->ack.nack != BOX_ACK_SUCCESS && msg->ack.nack != BOX_ACK_BUFFERED;
		return;
	}
	acknowledge(n, &msg->sms);
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

static void prepare_reply(struct nullbox *n)
{
	struct str reply = str_z(n->reply);

	n->arena = arena_new();
	n->coding = glyph_coding(reply) == CODING_GSM7 ? BOX_CODING_UTF8 : BOX_CODING_UCS2;
	n->text = n->coding == BOX_CODING_UTF8 ? reply : utf16_from_utf8(n->arena, reply);
}

static void run(struct nullbox *n)
{
	uv_loop_t *loop = uv_default_loop();
	uv_signal_t term, interrupt;

	signal(SIGPIPE, SIG_IGN);
	prepare_reply(n);
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
	arena_free(&n->arena);
}

static const struct argp_option option_list[] = {
	{ "host", 'h', "HOST", 0, "Where bearerbox is (127.0.0.1)" },
	{ "port", 'p', "PORT", 0, "Its smsbox-port (13001)" },
	{ "boxc-id", 'b', "ID", 0, "As which box (smsd)" },
	{ "reply", 'r', "TEXT", 0, "What every text is answered with" },
	{ "echo", 'e', NULL, 0, "Answer each text with itself" },
	{ "dlr-mask", 'd', "MASK", 0, "Ask for delivery reports (31: all)" },
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

	argp_err_exit_status = USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &n);
	run(&n);
	return 0;
}
