/* inbox - what a gateway hands us: texts go to the queue of their sender's lane,
 * delivery reports and acknowledgements to the outbox.  Nothing is acknowledged here but what
 * needs no answer at all. */
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/hall.h"
#include "text/fold.h"
#include "text/utf16.h"

enum { IE_CONCAT_8 = 0x00, IE_CONCAT_16 = 0x08 };	/* 3GPP TS 23.040 9.2.3.24.1, .8 */

struct text *text_new(struct str sender, struct str port, struct str link, struct str raw)
{
	struct text *t = mem_alloc(sizeof(*t) + sender.len + port.len + link.len + raw.len);
	char *p = (char *)(t + 1);
	struct str *to[] = { &t->sender, &t->port, &t->link, &t->raw };
	struct str from[] = { sender, port, link, raw };

	for (unsigned i = 0; i < 4; i++) {
		if (from[i].len)
			memcpy(p, from[i].ptr, from[i].len);
		*to[i] = from[i].ptr ? str_n(p, from[i].len) : from[i];
		p += from[i].len;
	}
	return t;
}

void text_free(struct text *text)
{
	free(text->proof);
	free(text);
}

static void acknowledge(struct gateway *g, const struct uuid *uuid)
{
	struct box_msg ack = { .type = BOX_ACK };
	char id[UUID_TEXT + 1];

	uuid_format(uuid, id);
	ack.ack.nack = BOX_ACK_SUCCESS;
	ack.ack.time = BOX_UNDEFINED;
	ack.ack.id = str_z(id);
	box_send(g->box, &ack);
	g->dirty = true;
}

void inbox_done(struct hall *hall, struct text *text)
{
	struct gateway *g = text->gateway;

	if (g) {
		if (box_is_up(g->box))
			acknowledge(g, &text->id);
		g->in_flight--;
		hall->in_flight--;
		box_set_load(g->box, g->in_flight);
	}
	text_free(text);
}

void inbox_put(struct hall *hall, struct text *text)
{
	text->arrived_ns = uv_hrtime();
	queue_put(hall_lane(hall, str_z(text->msisdn.text)), text);
}

/* A raw part of a long text: bearerbox joins them, but not those it had stored over its restart. */
static bool is_part(const struct box_sms *sms, unsigned *ref, unsigned *total, unsigned *n)
{
	const unsigned char *u = (const unsigned char *)sms->udhdata.ptr;
	size_t len = sms->udhdata.len;

	for (size_t i = 1; u && i + 1 < len && i + 1 + u[i + 1] < len; i += 2 + u[i + 1]) {
		const unsigned char *v = u + i + 2;

		if (u[i] == IE_CONCAT_8 && u[i + 1] == 3) {
			*ref = v[0];
			*total = v[1];
			*n = v[2];
		} else if (u[i] == IE_CONCAT_16 && u[i + 1] == 4) {
			*ref = 256u + (v[0] << 8 | v[1]);	/* apart from the 8-bit ones */
			*total = v[2];
			*n = v[3];
		} else {
			continue;
		}
		return *total > 1 && *n >= 1 && *n <= *total;
	}
	return false;
}

static struct str decode(struct arena *arena, const struct box_sms *sms)
{
	if (!sms->msgdata.ptr)
		return STR("");
	if (sms->coding == BOX_CODING_UCS2)
		return fold_utf8_mend(arena, utf16_to_utf8(arena, sms->msgdata));
	return fold_utf8_mend(arena, sms->msgdata);
}

/* An address as SMSCs write them: nothing that the database or a log would choke on. */
static bool plain(struct str address)
{
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] <= ' ' || address.ptr[i] > '~')
			return false;
	return address.len > 0 && address.len <= 64;
}

/* Our own ports, short codes and names are never answered: that is how loops begin. */
static bool answerable(const struct hall *hall, const struct box_sms *sms, struct msisdn *msisdn)
{
	if (!sms->sender.ptr || !sms->receiver.ptr || !plain(sms->sender) || !plain(sms->receiver) ||
	    (sms->smsc_id.ptr && !fold_utf8_ok(sms->smsc_id)))
		return false;
	for (unsigned i = 0; i < hall->conf->nports; i++)
		if (str_starts(sms->sender, str_z(hall->conf->port[i])) && sms->sender.len < 11)
			return false;
	return msisdn_parse(sms->sender, msisdn, NULL) == 0;
}

static void take_mo(struct gateway *g, const struct box_sms *sms)
{
	static struct arena *arena;
	struct hall *hall = g->hall;
	struct msisdn msisdn;
	unsigned ref = 0, total = 0, n = 0;
	struct uuid id;

	if (hall->draining)
		return;		/* unacknowledged: bearerbox gives it to the next box */
	metric_add(M_MO, 1);
	if (uuid_parse(sms->id, &id, NULL) < 0) {
		log_error("mo_without_id", "gateway=%s", g->conf.name);
		return;
	}
	if (!answerable(hall, sms, &msisdn)) {
		log_info("mo_ignored", "id=%.*s gateway=%s why=\"sender is no subscriber\"", STR_ARG(sms->id), g->conf.name);
		metric_add(M_MO_IGNORED, 1);
		acknowledge(g, &id);
		return;
	}
	if (!arena)
		arena = arena_new();
	bool part = is_part(sms, &ref, &total, &n);
	struct str raw = part && sms->coding == BOX_CODING_UCS2 ? sms->msgdata : decode(arena, sms);
	struct text *t = text_new(sms->sender, sms->receiver, sms->smsc_id, raw);
	t->gateway = g;
	t->id = id;
	t->msisdn = msisdn;
	t->at_us = sms->time > 0 ? (int64_t)sms->time * 1000000 : hall->boot_s * 1000000;
	t->part_ref = ref;
	t->part_total = part ? total : 0;
	t->part_n = n;
	t->coding = sms->coding;
	g->in_flight++;
	hall->in_flight++;
	if (hall->in_flight == hall->conf->in_flight_max + 1)
		log_warn("in_flight", "texts=%u max=%u remedy=\"lower smsbox-max-pending, or raise limits.in_flight\"",
			 hall->in_flight, hall->conf->in_flight_max);
	inbox_put(hall, t);
	CRASH(mo_taken);
	arena_reset(arena);
}

static void take_msg(struct gateway *g, const struct box_msg *msg)
{
	if (msg->type == BOX_ACK) {
		outbox_ack(g->hall, msg->ack.id, msg->ack.nack);
		return;
	}
	if (msg->type != BOX_SMS)
		return;
	if (msg->sms.sms_type == BOX_REPORT_MO)
		outbox_report(g, &msg->sms);
	else if (msg->sms.sms_type == BOX_MO)
		take_mo(g, &msg->sms);
	else
		log_warn("sms_unexpected", "gateway=%s type=%d", g->conf.name, msg->sms.sms_type);
}

void inbox_event(void *arg, struct box *box, enum box_event event, const struct box_msg *msg)
{
	struct gateway *g = arg;

	(void)box;
	switch (event) {
	case BOX_EV_UP:
		metric_set(M_BOX_UP, metric_get(M_BOX_UP) + 1);
		outbox_link_up(g);
		break;
	case BOX_EV_DOWN:
		metric_set(M_BOX_UP, metric_get(M_BOX_UP) - 1);
		metric_add(M_BOX_LOST, 1);
		g->closing = false;
		outbox_link_down(g);
		break;
	case BOX_EV_MSG:
		take_msg(g, msg);
		break;
	case BOX_EV_SUSPEND:
		g->suspended = true;
		break;
	case BOX_EV_RESUME:
		g->suspended = false;
		outbox_send(g);
		break;
	case BOX_EV_SHUTDOWN:
		g->closing = true;	/* hall_pump() closes once our acknowledgements are out */
		g->close_by_ms = uv_now(g->hall->loop) + 3000;
		hall_wake(g->hall, 3000);
		break;
	}
}
