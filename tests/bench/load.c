/* load - a message centre and the customers behind it in one process, for benchmarks and kill
 * tests: bearerbox binds to it, texts go out and each is open until its answer has come.
 * A subscriber has one text open at a time, so that an answer belongs to the last text of its
 * subscriber.  Closed loop: --window texts open at any time.  Open loop: --rate texts a second, and
 * times count from when a text was due, so that a stalled system cannot hide its delays.
 * Ends with 0 when every text was answered, 1 when not, 2 on wrong usage. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "../smsc/center.h"
#include "../smsc/lines.h"
#include "../smsc/message.h"
#include "base/log.h"
#include "base/mem.h"
#include "histogram.h"
#include "mix.h"
#include "shuffle.h"

enum { FAILED = 1, USAGE = 2, HOME_LEN = 11, WATCH_MS = 50, PACE_MS = 1 };

struct text {
	uint32_t subscriber;
	uint32_t answers;
	uint64_t due;			/* ns: when it was, or should have been, sent */
	int64_t sent;			/* Unix ms */
	uint8_t parts;			/* not yet accepted by the gateway */
	bool refused;
	char *words, *answer;		/* only with --log */
};

struct load {
	struct center_conf conf;
	uint64_t texts, warmup, window, first, subscribers, voucher, vouchers, seed, receivers;
	double rate, timeout, settle;
	const char *mix_source, *to, *log_path;
	bool json;

	uv_loop_t *loop;
	struct center *center;
	struct mix *mix;
	struct message_joiner *joiner;
	struct arena *arena;
	struct buf words;
	uv_timer_t watch, pace;

	struct text *text;		/* `texts` and before them `warmup` */
	uint64_t total, next, open;
	uint64_t *last;			/* a subscriber's last text, plus 1 */
	uint32_t *idle;			/* a ring of subscribers without an open text */
	uint64_t idle_at, idle_count;
	struct str *then;		/* what a subscriber writes when he is answered */
	uint32_t *talker;		/* a ring of those who now do: before all others */
	uint64_t talker_at, talker_count;
	uint8_t ref;

	bool begun;
	uint64_t begin;			/* ns: the first text */
	uint64_t measured_from, measured_to, progress;
	uint64_t answered, extra, refused, segments;
	struct histogram times;
	struct err failure;
};

static int64_t unix_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static bool all_sent(const struct load *load)
{
	return load->next == load->total;
}

static void deliver(struct load *load, struct text *text)
{
	char from[HOME_LEN + 1];
	struct message_part *part;
	unsigned count;

	snprintf(from, sizeof(from), "%0*llu", HOME_LEN,
		 (unsigned long long)(load->first + text->subscriber));
	arena_reset(load->arena);
	if (message_cut(load->arena, buf_get(&load->words), ++load->ref, &part, &count,
			&load->failure) < 0) {
		uv_stop(load->loop);
		return;
	}
	text->parts = count;
	for (unsigned i = 0; i < count; i++) {
		struct smpp_sm sm = {
			.from = smpp_addr(str_n(from, HOME_LEN)),
			.to = smpp_addr(str_z(load->to)),
			.esm_class = part[i].esm_class,
			.coding = part[i].coding,
			.payload = part[i].payload,
		};

		center_deliver(load->center, &sm, text);
	}
}

static void send_one(struct load *load, uint64_t due)
{
	struct text *text = &load->text[load->next];

	load->words.len = 0;
	if (load->talker_count) {
		text->subscriber = load->talker[load->talker_at];
		load->talker_at = (load->talker_at + 1) % load->subscribers;
		load->talker_count--;
		buf_str(&load->words, mix_then(&load->then[text->subscriber]));
	} else {
		text->subscriber = load->idle[load->idle_at];
		if (mix_next(load->mix, load->next, &load->words, &load->then[text->subscriber], &load->failure) < 0) {
			uv_stop(load->loop);
			return;
		}
		load->idle_at = (load->idle_at + 1) % load->subscribers;
		load->idle_count--;
	}
	load->last[text->subscriber] = ++load->next;
	load->open++;
	text->due = due;
	if (load->log_path) {
		text->sent = unix_ms();
		text->words = mem_dup(buf_get(&load->words));
	}
	deliver(load, text);
}

static void fill_window(struct load *load)
{
	while (load->begun && !load->rate && !load->failure.class && !all_sent(load) &&
	       load->open < load->window && (load->idle_count || load->talker_count))
		send_one(load, uv_hrtime());
}

static void keep_pace(uv_timer_t *timer)
{
	struct load *load = timer->data;
	uint64_t now = uv_hrtime();

	while (!all_sent(load) && (load->idle_count || load->talker_count) && !load->failure.class) {
		uint64_t due = load->begin + (uint64_t)(load->next * 1e9 / load->rate);

		if (due > now)
			break;
		send_one(load, due);
	}
}

/* The text's time is over: its subscriber may write again. */
static void close_text(struct load *load, struct text *text)
{
	uint64_t at = (load->idle_at + load->idle_count) % load->subscribers;

	load->open--;
	if (load->then[text->subscriber].len) {
		at = (load->talker_at + load->talker_count++) % load->subscribers;
		load->talker[at] = text->subscriber;
		return;
	}
	load->idle[at] = text->subscriber;
	load->idle_count++;
}

static void first_answer(struct load *load, struct text *text)
{
	uint64_t now = uv_hrtime();

	if (++load->answered == load->warmup)
		load->measured_from = now;
	load->measured_to = now;
	if ((uint64_t)(text - load->text) >= load->warmup)
		histogram_add(&load->times, (now - text->due) / 1000);
	if (!text->refused)
		close_text(load, text);
}

static struct text *text_of(const struct load *load, struct str number)
{
	uint64_t n = 0;

	if (str_starts(number, STR("+86")))
		str_skip(&number, 3);
	if (number.len != HOME_LEN || !str_digits(number))
		return NULL;
	for (size_t i = 0; i < number.len; i++)
		n = n * 10 + (number.ptr[i] - '0');
	if (n < load->first || n - load->first >= load->subscribers || !load->last[n - load->first])
		return NULL;
	return &load->text[load->last[n - load->first] - 1];
}

static void on_submit(void *arg, const struct smpp_sm *sm)
{
	struct load *load = arg;
	struct message mt;

	load->segments++;
	arena_reset(load->arena);
	if (!message_join(load->joiner, load->arena, sm, &mt))
		return;
	struct text *text = text_of(load, str_z(mt.to));
	if (!text) {
		load->extra++;		/* to somebody who had not written: they may come for hours */
		return;
	}
	load->progress = uv_now(load->loop);
	if (load->log_path) {
		free(text->answer);
		text->answer = mem_dup(mt.text);
	}
	if (text->answers++)
		load->extra++;
	else
		first_answer(load, text);
	fill_window(load);
}

static void on_answer(void *arg, void *owner, uint32_t status, bool final)
{
	struct load *load = arg;
	struct text *text = owner;

	if (!final)
		return;
	load->progress = uv_now(load->loop);
	text->parts--;
	if (status == SMPP_OK || text->refused || text->answers)
		return;
	text->refused = true;
	load->refused++;
	close_text(load, text);
	fill_window(load);
}

static void on_binds(void *arg)
{
	struct load *load = arg;

	load->progress = uv_now(load->loop);
	if (load->begun || center_stats(load->center)->receivers < load->receivers)
		return;
	load->begun = true;
	load->begin = load->measured_from = uv_hrtime();
	if (load->rate)
		uv_timer_start(&load->pace, keep_pace, 0, PACE_MS);
	fill_window(load);
}

static const struct center_events events = { on_submit, on_answer, on_binds };

/* Over when all is answered and nothing unexpected follows, or when nothing moves any more. */
static void watch(uv_timer_t *timer)
{
	struct load *load = timer->data;
	double quiet = (uv_now(load->loop) - load->progress) / 1e3;

	if (!load->begun)
		return;
	if ((all_sent(load) && !load->open && quiet >= load->settle) || quiet >= load->timeout)
		uv_stop(load->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static double cpu_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + r.ru_utime.tv_usec +
	       r.ru_stime.tv_usec;
}

static void report(const struct load *load)
{
	uint64_t measured = load->answered > load->warmup ? load->answered - load->warmup : 0;
	double seconds = measured ? (load->measured_to - load->measured_from) / 1e9 : 0;
	const struct histogram *h = &load->times;
	double ms[4] = { histogram_at(h, 50) / 1e3, histogram_at(h, 95) / 1e3,
			 histogram_at(h, 99) / 1e3, h->max / 1e3 };
	double rate = seconds > 0 ? measured / seconds : 0;
	const struct center_stats *stats = center_stats(load->center);

	if (load->json)
		printf("{\"texts\":%lu,\"warmup\":%lu,\"seconds\":%.3f,\"texts_per_s\":%.1f,"
		       "\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
		       "\"answered\":%lu,\"unanswered\":%lu,\"extra_answers\":%lu,\"refused\":%lu,"
		       "\"deliver_retries\":%lu,\"segments\":%lu,\"cpu_us_per_text\":%.1f}\n",
		       load->texts, load->warmup, seconds, rate, ms[0], ms[1], ms[2], ms[3],
		       load->answered, load->total - load->answered, load->extra, load->refused,
		       stats->deliver_retries, load->segments,
		       load->answered ? cpu_us() / load->answered : 0);
	else
		printf("%lu texts in %.3f s: %.0f/s; ms p50 %.3f p95 %.3f p99 %.3f max %.3f; "
		       "%lu unanswered, %lu extra answers, %lu refused, %lu delivered again\n",
		       measured, seconds, rate, ms[0], ms[1], ms[2], ms[3],
		       load->total - load->answered, load->extra, load->refused,
		       stats->deliver_retries);
}

/* number, subscriber, text, sent (Unix ms), answers, whether the gateway took it, last answer */
static int write_log(struct load *load)
{
	struct buf line = { 0 };
	FILE *f = fopen(load->log_path, "w");
	bool bad = !f;

	for (uint64_t i = 0; f && i < load->next; i++) {
		struct text *text = &load->text[i];

		line.len = 0;
		buf_printf(&line, "%lu\t%011lu\t", i, load->first + text->subscriber);
		lines_escape(&line, str_z(text->words));
		buf_printf(&line, "\t%ld\t%u\t%s\t", text->sent, text->answers,
			   text->refused ? "refused" : text->parts ? "waiting" : "accepted");
		if (text->answer)
			lines_escape(&line, str_z(text->answer));
		buf_char(&line, '\n');
		bad |= fwrite(line.ptr, 1, line.len, f) != line.len;
		free(text->words);
		free(text->answer);
	}
	buf_free(&line);
	if (f)
		bad |= fclose(f) != 0;
	if (bad)
		log_error("load_log", "file=%s error=\"%m\"", load->log_path);
	return bad ? -1 : 0;
}

static void start(struct load *load)
{
	load->total = load->warmup + load->texts;
	load->text = mem_alloc(load->total * sizeof(*load->text));
	load->last = mem_alloc(load->subscribers * sizeof(*load->last));
	load->idle = shuffle_new(load->subscribers, load->seed);
	load->then = mem_alloc(load->subscribers * sizeof(*load->then));
	load->talker = mem_alloc(load->subscribers * sizeof(*load->talker));
	load->idle_count = load->subscribers;
	load->joiner = message_joiner_new();
	load->arena = arena_new();
	uv_timer_init(load->loop, &load->watch);
	uv_timer_init(load->loop, &load->pace);
	load->watch.data = load->pace.data = load;
	uv_timer_start(&load->watch, watch, WATCH_MS, WATCH_MS);
	log_info("load_ready", "smpp=%d texts=%lu", center_port(load->center), load->total);
}

static void stop(struct load *load)
{
	load->begun = false;		/* what the centre drops must not make room for more */
	center_free(&load->center);
	uv_close((uv_handle_t *)&load->watch, NULL);
	uv_close((uv_handle_t *)&load->pace, NULL);
	uv_run(load->loop, UV_RUN_DEFAULT);
	message_joiner_free(&load->joiner);
	arena_free(&load->arena);
	buf_free(&load->words);
	free(load->text);
	free(load->last);
	free(load->idle);
	free(load->then);
	free(load->talker);
}

static int run(struct load *load)
{
	uv_signal_t term, interrupt;
	struct err err;

	load->loop = uv_default_loop();
	load->mix = mix_new(load->mix_source, load->seed, &err);
	if (load->mix)
		load->center = center_new(load->loop, &load->conf, &events, load, &err);
	if (!load->center) {
		log_error("load_start", "error=\"%s\"", err.text);
		return load->mix ? FAILED : USAGE;
	}
	mix_vouchers(load->mix, load->voucher, load->vouchers);
	start(load);
	uv_signal_init(load->loop, &term);
	uv_signal_init(load->loop, &interrupt);
	uv_signal_start(&term, on_signal, SIGTERM);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	uv_run(load->loop, UV_RUN_DEFAULT);
	if (load->failure.class)
		log_error("load_failed", "error=\"%s\"", load->failure.text);
	report(load);
	int status = load->answered == load->total && !load->failure.class ? 0 : FAILED;
	if (load->log_path && write_log(load) < 0)
		status = FAILED;
	uv_close((uv_handle_t *)&term, NULL);
	uv_close((uv_handle_t *)&interrupt, NULL);
	stop(load);
	mix_free(&load->mix);
	uv_loop_close(load->loop);
	return status;
}

static const struct argp_option option_list[] = {
	{ "port", 'p', "PORT", 0, "SMPP on 127.0.0.1 (2775)" },
	{ "texts", 'n', "N", 0, "Texts that are measured (10000)" },
	{ "warmup", 'u', "N", 0, "Texts before them (0)" },
	{ "window", 'w', "N", 0, "Texts open at any time (100)" },
	{ "rate", 'r', "R", 0, "Texts a second instead, whatever is open" },
	{ "subscribers", 's', "FIRST:COUNT", 0, "Who writes (13800000000:100000)" },
	{ "mix", 'm', "FILE", 0, "What they write: weight, tab, text; or queries (default)" },
	{ "vouchers", 'v', "FIRST:COUNT", 0, "Vouchers for {voucher}, 16 digits" },
	{ "to", 't', "PORT", 0, "The number they write to (10086)" },
	{ "timeout", 'T', "S", 0, "Give up when nothing has moved for so long (30)" },
	{ "settle", 'e', "S", 0, "Wait for unexpected answers at the end (0.3)" },
	{ "receivers", 'b', "N", 0, "Begin when so many receiving binds are there (1)" },
	{ "link-window", 'k', "N", 0, "Unanswered deliver_sm a bind (1000)" },
	{ "seed", 'x', "N", 0, "Of the choice of texts and of who writes (1)" },
	{ "log", 'l', "FILE", 0, "Write a line a text: number, subscriber, text, sent, answers, "
	  "accepted, last answer" },
	{ "json", 'j', NULL, 0, "The report as JSON" },
	{ 0 }
};

static uint64_t whole(struct argp_state *state, const char *arg, char **end)
{
	uint64_t n = strtoull(arg, end, 10);

	if (*arg < '0' || *arg > '9')
		argp_error(state, "%s: a number is wanted", arg);
	return n;
}

static uint64_t figure(struct argp_state *state, const char *arg, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t n = whole(state, arg, &end);

	if (*end || n < min || n > max)
		argp_error(state, "%s: a number from %lu to %lu is wanted", arg, min, max);
	return n;
}

static double decimal(struct argp_state *state, const char *arg)
{
	char *end;
	double value = strtod(arg, &end);

	if (!*arg || *end || !(value >= 0 && value <= 1e6))
		argp_error(state, "%s: a number is wanted", arg);
	return value;
}

static void range(struct argp_state *state, const char *arg, uint64_t *first_r, uint64_t *count_r)
{
	char *end;

	*first_r = whole(state, arg, &end);
	if (*end != ':')
		argp_error(state, "%s: FIRST:COUNT is wanted", arg);
	*count_r = figure(state, end + 1, 1, 1u << 30);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct load *load = state->input;

	switch (key) {
	case 'p':
		load->conf.port = figure(state, arg, 0, 65535);
		break;
	case 'n':
		load->texts = figure(state, arg, 1, 1u << 30);
		break;
	case 'u':
		load->warmup = figure(state, arg, 0, 1u << 30);
		break;
	case 'w':
		load->window = figure(state, arg, 1, 1u << 30);
		break;
	case 'r':
		load->rate = decimal(state, arg);
		break;
	case 's':
		range(state, arg, &load->first, &load->subscribers);
		break;
	case 'm':
		load->mix_source = arg;
		break;
	case 'v':
		range(state, arg, &load->voucher, &load->vouchers);
		break;
	case 't':
		if (!*arg || strlen(arg) > SMPP_ADDR_MAX)
			argp_error(state, "--to: %s: not a number", arg);
		load->to = arg;
		break;
	case 'T':
		load->timeout = decimal(state, arg);
		break;
	case 'e':
		load->settle = decimal(state, arg);
		break;
	case 'b':
		load->receivers = figure(state, arg, 1, 1000);
		break;
	case 'k':
		load->conf.window = figure(state, arg, 1, 100000);
		break;
	case 'x':
		load->seed = figure(state, arg, 0, UINT32_MAX);
		break;
	case 'l':
		load->log_path = arg;
		break;
	case 'j':
		load->json = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, parse, NULL,
	"A message centre with customers: sends texts through the gateway that binds to it and "
	"times the answers.", NULL, NULL, NULL
};

int main(int argc, char **argv)
{
	static struct load load = {
		.conf = { .port = 2775, .window = 1000, .retry_ms = 200, .answer_s = 60,
			  .enquire_s = 30, .receipt_ms = 20 },
		.texts = 10000, .window = 100, .first = 13800000000, .subscribers = 100000,
		.seed = 1, .receivers = 1, .timeout = 30, .settle = 0.3,
		.mix_source = "queries", .to = "10086",
	};

	argp_err_exit_status = USAGE;
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&argp, argc, argv, 0, NULL, &load);
	return run(&load);
}
