/* outbox - committed MTs on their way to the gateways.
 * An MT is open from its COMMIT until a gateway takes it; a lost link sends what was open again, with
 * the same id.  Marks tell the database, batch by batch, up to where all was taken, so that a crash
 * sends again only what is after them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/hall.h"
#include "text/utf16.h"

enum { LATER_MS = 1000, MARK_DELAY_MS = 100, UNSENT_MAX = 4 << 20 };

struct mt *mt_new(struct str receiver, struct str port, struct str link, struct str text)
{
	struct mt *mt = mem_alloc(sizeof(*mt) + receiver.len + port.len + link.len + text.len);
	char *p = (char *)(mt + 1);
	struct str *to[] = { &mt->receiver, &mt->port, &mt->link, &mt->text };
	struct str from[] = { receiver, port, link, text };

	for (unsigned i = 0; i < 4; i++) {
		if (from[i].len)
			memcpy(p, from[i].ptr, from[i].len);
		*to[i] = from[i].ptr ? str_n(p, from[i].len) : from[i];
		p += from[i].len;
	}
	return mt;
}

/* --- marks ---------------------------------------------------------------- */

/* Marks are in order; a new one is nearly always the newest. */
static struct mark *mark_of(struct lane *lane, int64_t batch)
{
	struct mark **link = &lane->mark_first;

	if (lane->mark_first && batch > lane->mark_newest->batch)
		link = &lane->mark_newest->next;
	while (*link && (*link)->batch < batch)
		link = &(*link)->next;
	if (*link && (*link)->batch == batch)
		return *link;
	struct mark *mark = mem_alloc(sizeof(*mark));
	*mark = (struct mark){ .next = *link, .batch = batch };
	*link = mark;
	if (!mark->next)
		lane->mark_newest = mark;
	return mark;
}

int64_t outbox_accepted(struct lane *lane)
{
	while (lane->mark_first && lane->mark_first->open == 0) {
		struct mark *mark = lane->mark_first;

		lane->accepted = mark->batch > lane->accepted ? mark->batch : lane->accepted;
		lane->mark_first = mark->next;
		free(mark);
	}
	return lane->accepted;
}

/* While a batch runs its own mark stays open, so that no later one passes it. */
void outbox_hold(struct lane *lane, int64_t now_us)
{
	lane->newest = now_us > lane->newest ? now_us : lane->newest + 1;
	lane->batch = lane->newest;
	lane->held = mark_of(lane, lane->batch);
	lane->held->open++;
}

void outbox_release(struct lane *lane)
{
	if (lane->held)
		lane->held->open--;
	lane->held = NULL;
	outbox_accepted(lane);
}

struct mark *outbox_hold_mark(struct lane *lane, int64_t batch)
{
	struct mark *mark = mark_of(lane, batch);

	mark->open++;
	return mark;
}

void outbox_release_mark(struct lane *lane, struct mark **mark)
{
	(*mark)->open--;
	*mark = NULL;
	if (outbox_accepted(lane) > lane->accepted_told)
		outbox_mark_due(lane);
}

void outbox_mark_due(struct lane *lane)
{
	if (lane->mark_due_ms)
		return;
	lane->mark_due_ms = uv_now(lane->hall->loop) + MARK_DELAY_MS;
	hall_wake(lane->hall, MARK_DELAY_MS);
}

/* --- sending --------------------------------------------------------------- */

static void unlink_sent(struct gateway *g, struct mt *mt)
{
	*(mt->prev ? &mt->prev->next : &g->sent_first) = mt->next;
	*(mt->next ? &mt->next->prev : &g->sent_last) = mt->prev;
	mt->next = mt->prev = NULL;
	mt->sent = false;
}

static void append_sent(struct gateway *g, struct mt *mt)
{
	mt->next = NULL;
	mt->prev = g->sent_last;
	*(g->sent_last ? &g->sent_last->next : &g->sent_first) = mt;
	g->sent_last = mt;
	mt->sent = true;
}

/* The report comes back with what is needed to find the row at once: its whole key, and which sending it was. */
static struct str report_key(const struct mt *mt, char *out, size_t size)
{
	char id[UUID_TEXT + 1];

	uuid_format(&mt->id, id);
	return str_n(out, snprintf(out, size, mt->again ? "%s/%lld/%s/%u" : "%s/%lld/%s", mt->msisdn.text,
				   (long long)mt->at_us, id, mt->again));
}

static void send_one(struct gateway *g, struct mt *mt, struct arena *arena)
{
	struct box_msg msg = { .type = BOX_SMS };
	char id[UUID_TEXT + 1], key[112];

	wire_sms_init(&msg.sms);
	uuid_format(&mt->id, id);
	msg.sms.id = str_z(id);
	msg.sms.sms_type = BOX_MT_REPLY;
	msg.sms.sender = mt->port;
	msg.sms.receiver = mt->receiver;
	msg.sms.smsc_id = mt->link;
	msg.sms.boxc_id = str_z(g->conf.boxc_id);
	msg.sms.service = STR("hall");
	msg.sms.time = (int32_t)g->hall->boot_s;	/* equal for all: a driver's backlog sends later times first */
	msg.sms.coding = glyph_coding(mt->text) == CODING_GSM7 ? BOX_CODING_UTF8 : BOX_CODING_UCS2;
	msg.sms.msgdata = msg.sms.coding == BOX_CODING_UCS2 ? utf16_from_utf8(arena, mt->text) : mt->text;
	if (mt->report) {
		msg.sms.dlr_mask = BOX_DLR_DELIVERED | BOX_DLR_FAILED | BOX_DLR_BUFFERED | BOX_DLR_SMSC_FAIL;
		msg.sms.dlr_url = report_key(mt, key, sizeof(key));
	}
	box_send(g->box, &msg);
	g->dirty = true;
	metric_add(M_MT, 1);
	metric_add(M_MT_SEGMENTS, mt->segments);
	append_sent(g, mt);
}

void outbox_send(struct gateway *g)
{
	static struct arena *arena;
	uint64_t now = uv_now(g->hall->loop);

	if (!g->waiting || g->suspended || g->closing || !box_is_up(g->box) || now < g->pause_until_ms)
		return;
	if (!arena)
		arena = arena_new();
	while (g->waiting && box_unsent(g->box) < UNSENT_MAX) {
		struct mt *mt = g->waiting;

		g->waiting = mt->next;
		if (!g->waiting)
			g->waiting_last = &g->waiting;
		send_one(g, mt, arena);
		arena_reset(arena);
	}
}

static void wait_last(struct gateway *g, struct mt *mt)
{
	mt->next = NULL;
	*g->waiting_last = mt;
	g->waiting_last = &mt->next;
}

static void wait_first(struct gateway *g, struct mt *mt)
{
	mt->next = g->waiting;
	g->waiting = mt;
	if (!mt->next)
		g->waiting_last = &mt->next;
}

static bool carries(const struct gateway *g, bool unasked)
{
	return unasked ? g->unasked : g->replies;
}

/* Where the text came from; what was found in the database goes to the first link of its sort that is up. */
static struct gateway *choose_gateway(struct hall *hall, bool unasked)
{
	struct gateway *first = NULL;

	for (unsigned i = 0; i < hall->ngateways; i++) {
		struct gateway *g = &hall->gateway[i];

		if (carries(g, unasked) && g->box && box_is_up(g->box))
			return g;
		if (carries(g, unasked) && !first)
			first = g;
	}
	return first;
}

bool outbox_open(const struct hall *hall)
{
	for (unsigned i = 0; i < hall->ngateways; i++) {
		const struct gateway *g = &hall->gateway[i];

		if (g->unasked && g->box && box_is_up(g->box) && !g->suspended && !g->closing &&
		    uv_now(hall->loop) >= g->pause_until_ms)
			return true;
	}
	return false;
}

void outbox_add(struct lane *lane, struct mt *mt, int64_t batch)
{
	struct hall *hall = lane->hall;

	if (!mt->gateway)
		mt->gateway = choose_gateway(hall, mt->unasked);
	mt->lane = lane;
	mt->mark = mark_of(lane, batch);
	mt->mark->open++;
	map_put(hall->open, uuid_key(&mt->id), mt);
	wait_last(mt->gateway, mt);
}

/* --- acknowledgements ------------------------------------------------------- */

static void accepted(struct hall *hall, struct mt *mt)
{
	struct lane *lane = mt->lane;

	unlink_sent(mt->gateway, mt);
	map_del(hall->open, uuid_key(&mt->id));
	if (--mt->mark->open == 0 && outbox_accepted(lane) > lane->accepted_told)
		outbox_mark_due(lane);
	free(mt);
}

static void rejected(struct mt *mt)
{
	struct state_change *c = mem_alloc(sizeof(*c));
	char id[UUID_TEXT + 1];

	c->msisdn = mt->msisdn;
	c->at_us = mt->at_us;
	c->id = mt->id;
	c->again = mt->again;
	c->state = "rejected";
	snprintf(c->why, sizeof(c->why), "the gateway refused it (no route, expired or black-listed)");
	states_add(mt->lane, c);
	uuid_format(&mt->id, id);
	log_warn("mt_rejected", "id=%s msisdn=%s gateway=%s remedy=\"see bearerbox's log\"", id,
		 log_msisdn(str_z(mt->msisdn.text)), mt->gateway->conf.name);
	metric_add(M_MT_REJECTED, 1);
}

/* "Later": back to the head of what waits, and a pause for the whole link. */
static void later(struct mt *mt)
{
	struct gateway *g = mt->gateway;

	unlink_sent(g, mt);
	wait_first(g, mt);
	g->pause_until_ms = uv_now(g->hall->loop) + LATER_MS;
	hall_wake(g->hall, LATER_MS);
	metric_add(M_MT_AGAIN, 1);
}

void outbox_ack(struct hall *hall, struct str id, int nack)
{
	struct uuid uuid;

	if (uuid_parse(id, &uuid, NULL) < 0)
		return;
	struct mt *mt = map_get(hall->open, uuid_key(&uuid));
	if (!mt || !mt->sent)
		return;		/* a repeated acknowledgement */
	bool unasked = mt->unasked;
	if (nack == BOX_ACK_FAILED_TMP) {
		later(mt);
		return;
	}
	if (nack == BOX_ACK_FAILED)
		rejected(mt);
	else
		metric_add(M_MT_ACCEPTED, 1);
	accepted(hall, mt);
	CRASH(answer_accepted);
	if (unasked)
		CRASH(unasked_accepted);
}

void outbox_link_up(struct gateway *g)
{
	g->suspended = g->closing = false;
	g->pause_until_ms = 0;
	outbox_send(g);
}

void outbox_again(struct mt *mt)
{
	wait_last(mt->gateway, mt);
}

/* What the lost link had not acknowledged goes out again, before what waits and in its order. */
void outbox_link_down(struct gateway *g)
{
	unsigned n = 0;

	for (struct mt *mt; (mt = g->sent_last) != NULL; n++) {
		unlink_sent(g, mt);
		if (mt->unasked)
			again_put(g->hall, mt);
		else
			wait_first(g, mt);
	}
	if (!n)
		return;
	metric_add(M_MT_AGAIN, n);
	log_info("mt_again", "gateway=%s open=%u", g->conf.name, n);
}

/* --- what an earlier life had committed --------------------------------------- */

/* What may not be read in the database is sealed there. */
static struct str whole_text(struct hall *hall, struct arena *arena, const PGresult *res, int r)
{
	size_t n = 0;
	struct str text = db_cell(res, r, 6);
	struct err err;

	if (!db_cell(res, r, 12).ptr)
		return text;
	unsigned char *sealed = PQunescapeBytea((unsigned char *)PQgetvalue(res, r, 12), &n);
	if (seal_open(&hall->seal, arena, str_n((char *)sealed, n), &text, &err) < 0)
		log_error("seal_lost", "id=%s why=\"%s\" remedy=\"was the seal key changed?\"", PQgetvalue(res, r, 2), err.text);
	PQfreemem(sealed);
	return text;
}

static bool add_row(struct lane *lane, const PGresult *res, int r, int64_t batch)
{
	struct hall *hall = lane->hall;
	struct arena *arena;
	struct uuid id;

	if (uuid_parse(db_cell(res, r, 2), &id, NULL) < 0 || map_get(hall->open, uuid_key(&id)))
		return false;
	arena = arena_new();
	struct mt *mt = mt_new(db_cell(res, r, 5), db_cell(res, r, 3), db_cell(res, r, 4), whole_text(hall, arena, res, r));
	arena_free(&arena);
	mt->id = id;
	mt->at_us = strtoll(PQgetvalue(res, r, 1), NULL, 10) * 1000000;
	snprintf(mt->msisdn.text, sizeof(mt->msisdn.text), "%s", PQgetvalue(res, r, 0));
	mt->segments = atoi(PQgetvalue(res, r, 7));
	mt->report = *PQgetvalue(res, r, 8) == 't';
	mt->again = atoi(PQgetvalue(res, r, 13));
	mt->unasked = *PQgetvalue(res, r, 14) == 't';
	outbox_add(lane, mt, batch);
	return true;
}

static bool recover_one(struct lane *lane, const PGresult *res, int r)
{
	int64_t batch = strtoll(PQgetvalue(res, r, 9), NULL, 10);
	bool ours = str_eqz(db_cell(res, r, 10), lane->hall->conf->instance) &&
		    atoi(PQgetvalue(res, r, 11)) == (int)lane->index;

	if (ours && batch <= outbox_accepted(lane))
		return false;	/* taken, only not yet told to the database */
	if (ours && lane->recovered && batch <= lane->recovered_batch)
		return false;	/* was loaded when we came up, and is not open: taken since */
	return add_row(lane, res, r, ours ? batch : lane->batch);
}

void outbox_recover(struct lane *lane, const PGresult *res)
{
	unsigned n = 0;

	for (int r = 0; r < PQntuples(res); r++)
		n += recover_one(lane, res, r);
	if (!n)
		return;
	metric_add(M_MT_AGAIN, n);
	log_info("mt_recovered", "conn=%s messages=%u", lane->label, n);
}

void outbox_send_rows(struct lane *lane, const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++)
		recover_one(lane, res, r);
}

void outbox_adopt(struct lane *lane, const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++)
		add_row(lane, res, r, strtoll(PQgetvalue(res, r, 9), NULL, 10));
	metric_add(M_MT_AGAIN, PQntuples(res));
	log_info("adopted", "messages=%d", PQntuples(res));
}

/* --- delivery reports ---------------------------------------------------------- */

void states_add(struct lane *lane, struct state_change *change)
{
	change->next = NULL;
	*lane->states_last = change;
	lane->states_last = &change->next;
	lane->nstates++;
}

static const char *state_of(int mask)
{
	if (mask & BOX_DLR_DELIVERED)
		return "delivered";
	if (mask & (BOX_DLR_FAILED | 0x20))
		return "failed";
	if (mask & BOX_DLR_SMSC_FAIL)
		return "rejected";
	if (mask & BOX_DLR_BUFFERED)
		return "buffered";
	return "accepted";
}

/* "msisdn/at/id" or "msisdn/at/id/again" as report_key() made it; false when it is not ours. */
static bool parse_key(struct str url, struct state_change *c)
{
	char text[112], *slash, *second, *third, *end;

	if (url.len >= sizeof(text))
		return false;
	memcpy(text, url.ptr, url.len);
	text[url.len] = '\0';
	slash = strchr(text, '/');
	second = slash ? strchr(slash + 1, '/') : NULL;
	if (!second || slash - text > MSISDN_MAX)
		return false;
	third = strchr(second + 1, '/');
	if (third)
		*third = '\0';
	c->again = third ? strtoul(third + 1, NULL, 10) : 0;
	*slash = *second = '\0';
	snprintf(c->msisdn.text, sizeof(c->msisdn.text), "%s", text);
	c->at_us = strtoll(slash + 1, &end, 10);
	return !*end && uuid_parse(str_z(second + 1), &c->id, NULL) == 0;
}

void outbox_report(struct gateway *g, const struct box_sms *sms)
{
	struct state_change *c = mem_alloc(sizeof(*c));

	c->gateway = g;
	c->state = state_of(sms->dlr_mask);
	if (uuid_parse(sms->id, &c->report_id, NULL) < 0 || !sms->dlr_url.ptr || !parse_key(sms->dlr_url, c)) {
		struct box_msg ack = { .type = BOX_ACK, .ack = { BOX_ACK_SUCCESS, BOX_UNDEFINED, sms->id } };

		log_info("report_unknown", "gateway=%s", g->conf.name);
		box_send(g->box, &ack);
		g->dirty = true;
		free(c);
		return;
	}
	if (strcmp(c->state, "delivered") != 0)
		snprintf(c->why, sizeof(c->why), "%.*s", STR_ARG(sms->msgdata));
	for (char *p = c->why; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	metric_add_label(M_DLR, c->state, 1);
	states_add(hall_lane(g->hall, str_z(c->msisdn.text)), c);
	CRASH(report_taken);
}

void outbox_free(struct hall *hall)
{
	size_t cursor = 0;

	for (struct mt *mt; (mt = map_next(hall->open, &cursor, NULL)) != NULL;)
		free(mt);
	map_free(&hall->open);
	for (unsigned i = 0; i < hall->nlanes; i++) {
		struct lane *lane = &hall->lane[i];

		for (struct mark *m = lane->mark_first, *next; m; m = next) {
			next = m->next;
			free(m);
		}
		rows_untold(lane);
		for (struct state_change *c = lane->states, *next; c; c = next) {
			next = c->next;
			free(c);
		}
	}
}
