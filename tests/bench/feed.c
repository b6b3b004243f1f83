/* feed - stands in bearerbox's place and hands a box texts as fast as it answers them, so that the box and its
 * database are measured with no gateway and no SMSC beside them.  One box at a time; a subscriber has one text
 * open at a time, and `window` texts are open in all.
 * Prints load's JSON; ends with 0 when every text was acknowledged and answered, 1 when not, 2 on wrong usage. */
#include <argp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "histogram.h"
#include "kannel/wire.h"
#include "mix.h"
#include "shuffle.h"
#include "text/glyph.h"
#include "text/utf16.h"

enum { FAILED = 1, USAGE = 2, HOME_LEN = 11, READ_MIN = 65536, WATCH_MS = 50 };

struct feed {
	int port;
	uint64_t texts, warmup, window, first, subscribers, voucher, vouchers, seed, timeout_s;
	const char *mix_source, *to;

	uv_loop_t *loop;
	uv_tcp_t server, link;
	bool linked, begun, writing, done;
	uv_write_t write;
	uv_prepare_t prepare;
	uv_timer_t watch;
	struct buf in, out, under_way, words;
	struct arena *arena;
	struct mix *mix;

	uint32_t *order;		/* who writes, in turn */
	uint64_t *last;			/* a subscriber's last text, plus 1 */
	uint64_t *sent_ns;		/* of each text; 0: answered */
	uint64_t total, next, open, acked, answered, extra, segments, progress_ms;
	uint64_t measured_from, measured_to;
	double cpu_from, cpu_to;
	struct histogram times;
	struct err failure;
};

static double cpu_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_usec;
}

static void stop_with(struct feed *f, const struct err *err)
{
	f->failure = *err;
	uv_stop(f->loop);
}

/* --- texts --------------------------------------------------------------- */

static void pack_mo(struct feed *f, const char *from, struct str words)
{
	struct box_msg msg = { .type = BOX_SMS };
	struct uuid parent = uuid_v7(), id = uuid_derive(&parent, (uint32_t)f->next);
	bool gsm = glyph_coding(words) == CODING_GSM7;
	char text[UUID_TEXT + 1];

	uuid_format(&id, text);
	arena_reset(f->arena);
	wire_sms_init(&msg.sms);
	msg.sms.sender = str_z(from);
	msg.sms.receiver = str_z(f->to);
	msg.sms.msgdata = gsm ? words : utf16_from_utf8(f->arena, words);
	msg.sms.coding = gsm ? BOX_CODING_UTF8 : BOX_CODING_UCS2;
	msg.sms.time = time(NULL);
	msg.sms.smsc_id = STR("main");
	msg.sms.id = str_n(text, UUID_TEXT);
	msg.sms.sms_type = BOX_MO;
	wire_pack(&f->out, &msg);
}

static void send_texts(struct feed *f)
{
	char from[HOME_LEN + 1];
	struct err err;

	while (f->begun && f->next < f->total && f->open < f->window) {
		uint32_t who = f->order[f->next % f->subscribers];

		f->words.len = 0;
		if (mix_next(f->mix, f->next, &f->words, NULL, &err) < 0) {
			stop_with(f, &err);
			return;
		}
		snprintf(from, sizeof(from), "%0*llu", HOME_LEN, (unsigned long long)(f->first + who));
		f->sent_ns[f->next] = uv_hrtime();
		f->last[who] = f->next + 1;
		pack_mo(f, from, buf_get(&f->words));
		f->next++;
		f->open++;
	}
}

static uint64_t *text_of(const struct feed *f, struct str number)
{
	uint64_t n = 0;

	if (number.len != HOME_LEN || !str_digits(number))
		return NULL;
	for (size_t i = 0; i < number.len; i++)
		n = n * 10 + (number.ptr[i] - '0');
	if (n < f->first || n - f->first >= f->subscribers || !f->last[n - f->first])
		return NULL;
	return &f->sent_ns[f->last[n - f->first] - 1];
}

static void answered(struct feed *f, uint64_t *sent_ns)
{
	uint64_t now = uv_hrtime();

	if ((uint64_t)(sent_ns - f->sent_ns) >= f->warmup)
		histogram_add(&f->times, (now - *sent_ns) / 1000);
	*sent_ns = 0;
	f->open--;
	f->measured_to = now;
	if (++f->answered == f->warmup) {
		f->measured_from = now;
		f->cpu_from = cpu_us();
	}
	if (f->answered == f->total)
		f->cpu_to = cpu_us();
}

static void take_mt(struct feed *f, const struct box_sms *sms)
{
	struct box_msg ack = {
		.type = BOX_ACK, .ack = { .nack = BOX_ACK_SUCCESS, .time = sms->time, .id = sms->id },
	};
	uint64_t *sent_ns = text_of(f, sms->receiver);

	wire_pack(&f->out, &ack);
	f->segments++;
	if (sent_ns && *sent_ns)
		answered(f, sent_ns);
	else
		f->extra++;
}

static void take(struct feed *f, const struct box_msg *msg)
{
	f->progress_ms = uv_now(f->loop);
	if (msg->type == BOX_SMS) {
		take_mt(f, &msg->sms);
	} else if (msg->type == BOX_ACK) {
		f->acked++;
	} else if (msg->type == BOX_ADMIN && msg->admin.command == BOX_CMD_IDENTIFY && !f->begun) {
		f->begun = true;
		f->measured_from = uv_hrtime();
		f->cpu_from = cpu_us();
	}
	f->done = f->answered == f->total && f->acked == f->total;
}

/* --- the link ------------------------------------------------------------ */

static void take_frames(struct feed *f)
{
	struct str bytes = buf_get(&f->in), body;
	struct box_msg msg;
	struct err err;
	int n;

	while ((n = wire_frame(bytes, &body, &err)) > 0) {
		if (wire_unpack(body, &msg, &err) < 0)
			break;
		take(f, &msg);
		str_skip(&bytes, n);
	}
	if (n != 0) {
		stop_with(f, &err);
		return;
	}
	memmove(f->in.ptr, bytes.ptr, bytes.len);
	f->in.len = bytes.len;
	send_texts(f);
}

static void on_written(uv_write_t *write, int status)
{
	struct feed *f = write->data;

	(void)status;		/* a link that broke is seen by its reader */
	f->writing = false;
}

/* One write for all that was made in this turn of the loop. */
static void before_sleep(uv_prepare_t *prepare)
{
	struct feed *f = prepare->data;
	struct buf made = f->out;

	if (f->done && !f->writing && !made.len)
		uv_stop(f->loop);	/* the box knows that all its messages were accepted */
	if (!f->linked || f->writing || !made.len)
		return;
	f->out = f->under_way;
	f->out.len = 0;
	f->under_way = made;
	f->write.data = f;
	uv_buf_t buf = uv_buf_init(made.ptr, made.len);
	f->writing = uv_write(&f->write, (uv_stream_t *)&f->link, &buf, 1, on_written) == 0;
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct feed *f = handle->data;

	(void)suggested;
	buf_room(&f->in, READ_MIN);
	*buf = uv_buf_init(f->in.ptr + f->in.len, f->in.cap - f->in.len);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct feed *f = stream->data;
	struct err err;

	(void)buf;
	if (n < 0) {
		err_set(&err, ERR_PERM, "the box went away: %s", uv_strerror(n));
		stop_with(f, &err);
		return;
	}
	f->in.len += n;
	take_frames(f);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct feed *f = server->data;

	if (status < 0 || f->linked)
		return;		/* a second box waits in the backlog */
	uv_tcp_init(f->loop, &f->link);
	f->link.data = f;
	f->linked = uv_accept(server, (uv_stream_t *)&f->link) == 0;
	uv_tcp_nodelay(&f->link, 1);
	uv_read_start((uv_stream_t *)&f->link, give_room, on_read);
}

static void watch(uv_timer_t *timer)
{
	struct feed *f = timer->data;
	struct err err;

	if (uv_now(f->loop) - f->progress_ms < f->timeout_s * 1000)
		return;
	err_set(&err, ERR_TEMP, "nothing moved for %lu s", f->timeout_s);
	stop_with(f, &err);
}

/* --- a run ---------------------------------------------------------------- */

static void report(const struct feed *f)
{
	uint64_t measured = f->answered > f->warmup ? f->answered - f->warmup : 0;
	double seconds = measured ? (f->measured_to - f->measured_from) / 1e9 : 0;
	const struct histogram *h = &f->times;

	printf("{\"texts\":%lu,\"warmup\":%lu,\"seconds\":%.3f,\"texts_per_s\":%.1f,\"p50_ms\":%.3f,"
	       "\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"answered\":%lu,\"unanswered\":%lu,"
	       "\"extra_answers\":%lu,\"refused\":0,\"segments\":%lu,\"cpu_us_per_text\":%.1f}\n",
	       f->texts, f->warmup, seconds, seconds > 0 ? measured / seconds : 0, histogram_at(h, 50) / 1e3,
	       histogram_at(h, 95) / 1e3, histogram_at(h, 99) / 1e3, h->max / 1e3, f->answered,
	       f->total - f->answered, f->extra, f->segments,
	       measured ? (f->cpu_to - f->cpu_from) / measured : 0);
}

static int start(struct feed *f, struct err *err)
{
	struct sockaddr_in address;
	int error;

	f->total = f->texts + f->warmup;
	f->arena = arena_new();
	f->order = shuffle_new(f->subscribers, f->seed);
	f->last = mem_alloc(f->subscribers * sizeof(*f->last));
	f->sent_ns = mem_alloc(f->total * sizeof(*f->sent_ns));
	f->mix = mix_new(f->mix_source, f->seed, err);
	if (!f->mix)
		return -1;
	mix_vouchers(f->mix, f->voucher, f->vouchers);
	uv_ip4_addr("127.0.0.1", f->port, &address);
	uv_tcp_init(f->loop, &f->server);
	uv_prepare_init(f->loop, &f->prepare);
	uv_timer_init(f->loop, &f->watch);
	f->server.data = f->prepare.data = f->watch.data = f;
	f->progress_ms = uv_now(f->loop);
	uv_prepare_start(&f->prepare, before_sleep);
	uv_timer_start(&f->watch, watch, WATCH_MS, WATCH_MS);
	error = uv_tcp_bind(&f->server, (struct sockaddr *)&address, 0);
	if (!error)
		error = uv_listen((uv_stream_t *)&f->server, 8, on_connection);
	return error ? err_set(err, ERR_PERM, "port %d: %s", f->port, uv_strerror(error)) : 0;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void stop(struct feed *f)
{
	uv_walk(f->loop, close_handle, NULL);
	uv_run(f->loop, UV_RUN_DEFAULT);
	uv_loop_close(f->loop);
	buf_free(&f->in);
	buf_free(&f->out);
	buf_free(&f->under_way);
	buf_free(&f->words);
	arena_free(&f->arena);
	mix_free(&f->mix);
	free(f->order);
	free(f->last);
	free(f->sent_ns);
}

static int run(struct feed *f)
{
	f->loop = uv_default_loop();
	if (start(f, &f->failure) == 0) {
		uv_run(f->loop, UV_RUN_DEFAULT);
		report(f);
	}
	if (f->failure.class)
		log_error("feed_failed", "error=\"%s\" answered=%lu acknowledged=%lu of=%lu", f->failure.text,
			  f->answered, f->acked, f->total);
	stop(f);
	return f->failure.class ? FAILED : 0;
}

static const struct argp_option option_list[] = {
	{ "port", 'p', "PORT", 0, "Where the box connects to, on 127.0.0.1 (13001)" },
	{ "texts", 'n', "N", 0, "Texts that are measured (10000)" },
	{ "warmup", 'u', "N", 0, "Texts before them (0)" },
	{ "window", 'w', "N", 0, "Texts open at any time (100)" },
	{ "subscribers", 's', "FIRST:COUNT", 0, "Who writes (13800000000:100000)" },
	{ "mix", 'm', "FILE", 0, "What they write: weight, tab, text; or queries (default)" },
	{ "vouchers", 'v', "FIRST:COUNT", 0, "Vouchers for {voucher}, 16 digits" },
	{ "to", 't', "PORT", 0, "The number they write to (10086)" },
	{ "timeout", 'T', "S", 0, "Give up when nothing has moved for so long (30)" },
	{ "seed", 'x', "N", 0, "Of the choice of texts and of who writes (1)" },
	{ "json", 'j', NULL, 0, "As load's; the report is JSON anyway" },
	{ 0 }
};

static uint64_t figure(struct argp_state *state, const char *arg, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t n = strtoull(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || n < min || n > max)
		argp_error(state, "%s: a number from %lu to %lu is wanted", arg, min, max);
	return n;
}

static void range(struct argp_state *state, const char *arg, uint64_t *first_r, uint64_t *count_r)
{
	char *end;

	*first_r = strtoull(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end != ':')
		argp_error(state, "%s: FIRST:COUNT is wanted", arg);
	*count_r = figure(state, end + 1, 1, 1u << 30);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct feed *f = state->input;

	switch (key) {
	case 'p':
		f->port = figure(state, arg, 1, 65535);
		break;
	case 'n':
		f->texts = figure(state, arg, 1, 1u << 30);
		break;
	case 'u':
		f->warmup = figure(state, arg, 0, 1u << 30);
		break;
	case 'w':
		f->window = figure(state, arg, 1, 1u << 20);
		break;
	case 's':
		range(state, arg, &f->first, &f->subscribers);
		break;
	case 'm':
		f->mix_source = arg;
		break;
	case 'v':
		range(state, arg, &f->voucher, &f->vouchers);
		break;
	case 't':
		f->to = arg;
		break;
	case 'T':
		f->timeout_s = figure(state, arg, 1, 3600);
		break;
	case 'x':
		f->seed = figure(state, arg, 0, UINT32_MAX);
		break;
	case 'j':
		break;
	case ARGP_KEY_END:
		if (f->subscribers < 2 * f->window)
			argp_error(state, "too few subscribers: two texts of one could be open at once");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, parse, NULL, "In bearerbox's place: feeds a box with texts and times its answers.",
	NULL, NULL, NULL
};

int main(int argc, char **argv)
{
	struct feed *f = mem_alloc(sizeof(*f));
	int status;

	*f = (struct feed){
		.port = 13001, .texts = 10000, .window = 100, .first = 13800000000, .subscribers = 100000,
		.seed = 1, .timeout_s = 30, .mix_source = "queries", .to = "10086",
	};
	argp_err_exit_status = USAGE;
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&argp, argc, argv, 0, NULL, f);
	status = run(f);
	free(f);
	return status;
}
