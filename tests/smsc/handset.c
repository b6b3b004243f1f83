/* handset - see handset.h and README.md.
 * A command that cannot be done is answered with `ERROR why`; the connection stays. */
#include "handset.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/map.h"
#include "base/mem.h"
#include "lines.h"
#include "message.h"

enum { WORDS_MAX = 4, HOME_LEN = 11 };

/* A client listening to a number. */
struct ear {
	struct ear *next_of_number, *next_of_client;
	struct client *client;
	struct number *number;
};

struct number {
	struct ear *ears;
	char text[SMPP_ADDR_MAX + 2];
};

struct client {
	struct client *next;
	struct handset *handset;
	struct lines_client *line;	/* NULL once it has gone */
	struct ear *ears;
	unsigned mos;			/* of its texts not yet accepted: they point here */
	unsigned wants;			/* receiving binds that WAIT waits for; 0: none */
};

/* A text on its way to the ESME. */
struct mo {
	struct client *client;
	uint64_t id;
	unsigned parts, refused;
	uint32_t status;		/* of the last part that was refused */
};

struct handset {
	struct lines *lines;
	struct center *center;
	struct client *clients;
	struct map *numbers;
	struct message_joiner *joiner;
	struct arena *arena;
	struct buf line;
	uint64_t last_mo;
	uint8_t last_ref;
	bool dup;
	struct {
		uint64_t mo_sent, mo_accepted, mo_refused, mt_received, segments;
	} count;
};

static void say(struct client *client, const char *format, ...) PRINTF_LIKE(2, 3);
static void say(struct client *client, const char *format, ...)
{
	char text[512];
	va_list ap;

	if (!client->line)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	buf_z(lines_out(client->line), text);
	buf_char(lines_out(client->line), '\n');
}

/* One handset may be written in two ways: +8613… and 13… . */
static struct str home(struct str number)
{
	struct str rest = number;

	if (str_starts(rest, STR("+")))
		str_skip(&rest, 1);
	if (rest.len != HOME_LEN + 2 || !str_starts(rest, STR("861")))
		return number;
	str_skip(&rest, 2);
	return rest;
}

/* ---- listening ---- */

static void ear_free(struct ear *ear)
{
	struct ear **at = &ear->number->ears;

	while (*at != ear)
		at = &(*at)->next_of_number;
	*at = ear->next_of_number;
	free(ear);
}

static bool hears(const struct client *client, const struct number *number)
{
	const struct ear *ear = client->ears;

	while (ear && ear->number != number)
		ear = ear->next_of_client;
	return ear;
}

static void listen_to(struct client *client, struct str text)
{
	struct handset *handset = client->handset;
	struct number *number = map_get(handset->numbers, text);

	if (!number) {
		number = mem_alloc(sizeof(*number));
		memcpy(number->text, text.ptr, text.len);
		map_put(handset->numbers, str_z(number->text), number);
	}
	if (hears(client, number))
		return;
	struct ear *ear = mem_alloc(sizeof(*ear));
	*ear = (struct ear){ number->ears, client->ears, client, number };
	number->ears = client->ears = ear;
}

static void push(struct handset *handset, const struct number *number)
{
	if (!number)
		return;
	for (const struct ear *ear = number->ears; ear; ear = ear->next_of_number)
		buf_str(lines_out(ear->client->line), buf_get(&handset->line));
}

static void on_submit(void *arg, const struct smpp_sm *sm)
{
	struct handset *handset = arg;
	struct message mt;
	struct timespec now;

	handset->count.segments++;
	arena_reset(handset->arena);
	if (!message_join(handset->joiner, handset->arena, sm, &mt))
		return;
	handset->count.mt_received++;
	if (!map_count(handset->numbers))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	handset->line.len = 0;
	buf_printf(&handset->line, "MT %s %s %u %s %lld ", mt.to, *mt.from ? mt.from : "-",
		   mt.segments, message_coding_name(mt.coding),
		   now.tv_sec * 1000ll + now.tv_nsec / 1000000);
	lines_escape(&handset->line, mt.text);
	buf_char(&handset->line, '\n');
	push(handset, map_get(handset->numbers, home(str_z(mt.to))));
	push(handset, map_get(handset->numbers, STR("*")));
}

/* ---- sending ---- */

static void client_free_if_done(struct client *client)
{
	if (!client->line && !client->mos)
		free(client);
}

static void on_answer(void *arg, void *owner, uint32_t status, bool final)
{
	struct handset *handset = arg;
	struct mo *mo = owner;
	struct client *client = mo->client;

	if (!final) {
		say(client, "RETRY %llu 0x%x", (unsigned long long)mo->id, status);
		return;
	}
	if (status) {
		mo->refused++;
		mo->status = status;
	}
	if (--mo->parts)
		return;
	if (mo->refused) {
		handset->count.mo_refused++;
		if (mo->status == CENTER_DROPPED)
			say(client, "REFUSED %llu reset", (unsigned long long)mo->id);
		else
			say(client, "REFUSED %llu 0x%x", (unsigned long long)mo->id, mo->status);
	} else {
		handset->count.mo_accepted++;
		say(client, "ACCEPTED %llu", (unsigned long long)mo->id);
	}
	free(mo);
	client->mos--;
	client_free_if_done(client);
}

static void send_parts(struct client *client, struct smpp_sm *sm, const struct message_part *part,
		       unsigned count)
{
	struct handset *handset = client->handset;
	struct mo *mo = mem_alloc(sizeof(*mo));

	*mo = (struct mo){ .client = client, .id = ++handset->last_mo, .parts = count };
	client->mos++;
	handset->count.mo_sent++;
	say(client, "SENT %u %llu", count, (unsigned long long)mo->id);
	for (int copies = handset->dup ? 2 : 1, again = 0; again < copies; again++)
		for (unsigned i = 0; i < count; i++) {
			sm->esm_class = part[i].esm_class;
			sm->coding = part[i].coding;
			sm->payload = part[i].payload;
			center_deliver(handset->center, sm, again ? NULL : mo);
		}
}

static bool address(struct str word, struct smpp_addr *out_r)
{
	*out_r = smpp_addr(word);
	return out_r->digits.len > 0 && out_r->digits.len <= SMPP_ADDR_MAX;
}

static bool addresses(struct client *client, const struct str *word, struct smpp_sm *sm)
{
	if (address(word[0], &sm->from) && address(word[1], &sm->to))
		return true;
	say(client, "ERROR a number has 1 to %d characters", SMPP_ADDR_MAX);
	return false;
}

static void do_send(struct client *client, const struct str *word, struct str rest)
{
	struct handset *handset = client->handset;
	struct buf text = { 0 };
	struct message_part *part;
	struct smpp_sm sm = { 0 };
	struct err err;
	unsigned count;

	if (!addresses(client, word, &sm))
		return;
	arena_reset(handset->arena);
	lines_unescape(&text, rest);
	if (message_cut(handset->arena, buf_get(&text), ++handset->last_ref, &part, &count,
			&err) < 0)
		say(client, "ERROR %s", err.text);
	else
		send_parts(client, &sm, part, count);
	buf_free(&text);
}

static bool hex(struct buf *out, struct str text)
{
	if (text.len % 2)
		return false;
	for (; text.len; str_skip(&text, 2)) {
		char pair[3] = { text.ptr[0], text.ptr[1] }, *end;

		buf_char(out, strtoul(pair, &end, 16));
		if (*end || pair[0] == '+' || pair[0] == '-' || pair[0] == ' ')
			return false;
	}
	return true;
}

static bool number(struct str word, unsigned max, unsigned *out_r)
{
	*out_r = 0;
	if (!str_digits(word) || word.len > 9)
		return false;
	for (size_t i = 0; i < word.len; i++)
		*out_r = *out_r * 10 + (word.ptr[i] - '0');
	return *out_r <= max;
}

static void do_raw(struct client *client, const struct str *word, struct str rest)
{
	struct message_part part = { 0 };
	struct buf octets = { 0 };
	struct smpp_sm sm = { 0 };
	bool udh = !str_eqz(word[3], "-");
	unsigned coding;

	if (!addresses(client, word, &sm))
		return;
	if (!number(word[2], 255, &coding) || (udh && !hex(&octets, word[3])) ||
	    !hex(&octets, str_trim(rest)) || octets.len > SMPP_SHORT_MAX) {
		say(client, "ERROR RAW from to data_coding udh-hex|- hex: at most %d octets in all",
		    SMPP_SHORT_MAX);
	} else {
		part = (struct message_part){ udh ? SMPP_UDHI : 0, coding, buf_get(&octets) };
		send_parts(client, &sm, &part, 1);
	}
	buf_free(&octets);
}

/* ---- the other commands ---- */

static void do_listen(struct client *client, const struct str *word, struct str rest)
{
	struct str to = home(word[0]);

	(void)rest;
	if (!to.len || to.len > SMPP_ADDR_MAX + 1) {
		say(client, "ERROR LISTEN number, or LISTEN *");
		return;
	}
	listen_to(client, to);
	say(client, "OK");
}

static void wait_over(struct client *client)
{
	unsigned receivers = center_stats(client->handset->center)->receivers;

	if (!client->wants || receivers < client->wants)
		return;
	client->wants = 0;
	say(client, "READY %u", receivers);
}

static void on_binds(void *arg)
{
	struct handset *handset = arg;

	for (struct client *client = handset->clients; client; client = client->next)
		wait_over(client);
}

static void do_wait(struct client *client, const struct str *word, struct str rest)
{
	(void)rest;
	if (!number(word[0], 1000, &client->wants) || !client->wants)
		client->wants = 1;
	wait_over(client);
}

static void do_stats(struct client *client, const struct str *word, struct str rest)
{
	struct handset *h = client->handset;
	const struct center_stats *s = center_stats(h->center);

	(void)word;
	(void)rest;
	say(client, "{\"mo_sent\":%lu,\"mo_accepted\":%lu,\"mo_refused\":%lu,\"mt_received\":%lu,"
	    "\"segments\":%lu,\"mt_incomplete\":%zu,\"dlr_sent\":%lu,\"deliver_sent\":%lu,"
	    "\"deliver_retries\":%lu,\"submits_rejected\":%lu,\"binds\":%u,\"receivers\":%u,"
	    "\"waiting\":%zu}", h->count.mo_sent, h->count.mo_accepted, h->count.mo_refused,
	    h->count.mt_received, h->count.segments, message_joiner_waiting(h->joiner), s->dlr_sent,
	    s->deliver_sent, s->deliver_retries, s->rejected, s->binds, s->receivers, s->waiting);
}

static void do_dlr(struct client *client, const struct str *word, struct str rest)
{
	static const char *const name[] = { "on", "off", "fail" };
	struct center_trouble *trouble = center_trouble(client->handset->center);
	unsigned error = 1;

	(void)rest;
	if (str_eqz(word[1], "expired")) {
		error = CENTER_EXPIRED;
	} else if (word[1].len && !number(word[1], 999, &error)) {
		say(client, "ERROR DLR fail takes the network's error, 0 to 999, or expired");
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		if (str_eqz(word[0], name[i])) {
			trouble->receipts = i;
			trouble->error = error;
			say(client, "OK");
			return;
		}
	say(client, "ERROR DLR on, off or fail");
}

static void do_delay(struct client *client, const struct str *word, struct str rest)
{
	unsigned ms;

	(void)rest;
	if (!number(word[0], 3600000, &ms)) {
		say(client, "ERROR DELAY milliseconds (at most an hour)");
		return;
	}
	center_trouble(client->handset->center)->delay_ms = ms;
	say(client, "OK");
}

static void do_dup(struct client *client, const struct str *word, struct str rest)
{
	(void)rest;
	if (!str_eqz(word[0], "on") && !str_eqz(word[0], "off")) {
		say(client, "ERROR DUP on or off");
		return;
	}
	client->handset->dup = str_eqz(word[0], "on");
	say(client, "OK");
}

static void do_reject(struct client *client, const struct str *word, struct str rest)
{
	struct center_trouble *trouble = center_trouble(client->handset->center);
	unsigned n, status = 0;

	(void)rest;
	if (!number(word[0], 1000000, &n) || (word[1].len && !number(word[1], 1023, &status))) {
		say(client, "ERROR REJECT n [status]: every nth submit_sm is refused, 0 for none; throttled (88) unless said");
		return;
	}
	trouble->reject = n;
	trouble->reject_status = status;
	say(client, "OK");
}

static void do_down(struct client *client, const struct str *word, struct str rest)
{
	(void)word;
	(void)rest;
	center_down(client->handset->center);
	say(client, "OK");
}

static void do_up(struct client *client, const struct str *word, struct str rest)
{
	struct err err;

	(void)word;
	(void)rest;
	if (center_up(client->handset->center, &err) < 0)
		say(client, "ERROR %s", err.text);
	else
		say(client, "OK");
}

static void do_drop(struct client *client, const struct str *word, struct str rest)
{
	(void)word;
	(void)rest;
	center_drop(client->handset->center);
	say(client, "OK");
}

static void do_reset(struct client *client, const struct str *word, struct str rest)
{
	struct handset *handset = client->handset;

	center_reset(handset->center);
	message_joiner_clear(handset->joiner);
	handset->dup = false;
	memset(&handset->count, 0, sizeof(handset->count));
	do_up(client, word, rest);
}

static void do_quit(struct client *client, const struct str *word, struct str rest)
{
	(void)word;
	(void)rest;
	say(client, "OK");
	lines_hang_up(client->line);
}

static void do_help(struct client *client, const struct str *word, struct str rest);

static const struct {
	const char *name, *args;
	unsigned words, optional;	/* before the rest of the line; of these, may be left out */
	void (*fn)(struct client *client, const struct str *word, struct str rest);
} commands[] = {
	{ "LISTEN", "number|*", 1, 0, do_listen },
	{ "SEND", "from to text", 2, 0, do_send },
	{ "RAW", "from to data_coding udh-hex|- hex", 4, 0, do_raw },
	{ "WAIT", "[binds]", 1, 1, do_wait },
	{ "STATS", "", 0, 0, do_stats },
	{ "DLR", "on|off|fail [error]", 2, 1, do_dlr },
	{ "DELAY", "milliseconds", 1, 0, do_delay },
	{ "DUP", "on|off", 1, 0, do_dup },
	{ "REJECT", "n [status]", 2, 1, do_reject },
	{ "DOWN", "", 0, 0, do_down },
	{ "UP", "", 0, 0, do_up },
	{ "DROP", "", 0, 0, do_drop },
	{ "RESET", "", 0, 0, do_reset },
	{ "HELP", "", 0, 0, do_help },
	{ "QUIT", "", 0, 0, do_quit },
};

static void do_help(struct client *client, const struct str *word, struct str rest)
{
	(void)word;
	(void)rest;
	for (unsigned i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		say(client, "HELP %s %s", commands[i].name, commands[i].args);
	say(client, "OK");
}

static struct str take_word(struct str *line)
{
	const char *end = memchr(line->ptr, ' ', line->len);
	struct str word = str_n(line->ptr, end ? (size_t)(end - line->ptr) : line->len);

	str_skip(line, word.len + (end != NULL));
	return word;
}

static void on_line(void *data, struct str line)
{
	struct client *client = data;
	struct str name = take_word(&line), word[WORDS_MAX];

	for (unsigned i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!str_eqz(name, commands[i].name))
			continue;
		for (unsigned w = 0; w < commands[i].words; w++) {
			word[w] = take_word(&line);
			if (!word[w].len && w + commands[i].optional < commands[i].words) {
				say(client, "ERROR %s %s", commands[i].name, commands[i].args);
				return;
			}
		}
		commands[i].fn(client, word, line);
		return;
	}
	say(client, "ERROR unknown command; HELP lists them");
}

static void *on_came(void *arg, struct lines_client *line)
{
	struct handset *handset = arg;
	struct client *client = mem_alloc(sizeof(*client));

	*client = (struct client){ .next = handset->clients, .handset = handset, .line = line };
	handset->clients = client;
	return client;
}

static void on_gone(void *data)
{
	struct client *client = data, **at = &client->handset->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->line = NULL;
	for (struct ear *ear = client->ears, *next; ear; ear = next) {
		next = ear->next_of_client;
		ear_free(ear);
	}
	client->ears = NULL;
	client_free_if_done(client);
}

static const struct lines_events lines_events = { on_came, on_line, on_gone };
const struct center_events handset_events = { on_submit, on_answer, on_binds };

struct handset *handset_new(uv_loop_t *loop, int port, struct err *err)
{
	struct handset *handset = mem_alloc(sizeof(*handset));

	handset->lines = lines_new(loop, port, &lines_events, handset, err);
	if (!handset->lines) {
		free(handset);
		return NULL;
	}
	handset->numbers = map_new();
	handset->joiner = message_joiner_new();
	handset->arena = arena_new();
	return handset;
}

/* After center_free(): until then its deliveries have owners here. */
void handset_free(struct handset **handset)
{
	struct handset *h = *handset;
	struct number *number;
	size_t cursor = 0;

	*handset = NULL;
	if (!h)
		return;
	lines_free(&h->lines);
	while ((number = map_next(h->numbers, &cursor, NULL)))
		free(number);
	map_free(&h->numbers);
	message_joiner_free(&h->joiner);
	arena_free(&h->arena);
	buf_free(&h->line);
	free(h);
}

int handset_port(const struct handset *handset)
{
	return lines_port(handset->lines);
}

void handset_center(struct handset *handset, struct center *center)
{
	handset->center = center;
}
