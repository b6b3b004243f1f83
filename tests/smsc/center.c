/* center - see center.h.
 * A delivery is in exactly one place: `ready` (to be sent), `later` (put off by the ESME),
 * `receipts` (a receipt not yet due) or a slot of a session's window (sent, not answered). */
#include "center.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "held.h"
#include "link.h"
#include "queue.h"
#include "receipt.h"

enum { TICK_MS = 1000, LISTEN_BACKLOG = 64 };

struct session {
	struct session *next;
	struct center *center;
	struct link *link;
	uint32_t id, seq;
	bool sends, receives;		/* submit_sm, deliver_sm; neither: not bound */
	char name[SMPP_ADDR_MAX + 1];
	struct delivery **slot;		/* by sequence number modulo slots; NULL: free */
	unsigned slots, open;
	uint64_t heard, asked;		/* loop ms: last octets, last enquire_link */
};

struct center {
	uv_loop_t *loop;
	struct center_conf conf;
	const struct center_events *events;
	void *arg;
	uv_tcp_t *listener;		/* NULL while down */
	uv_prepare_t prepare;
	uv_timer_t due, tick;
	int port, closing;
	struct session *sessions, *turn;
	uint32_t last_session, last_number;
	uint64_t last_id, seen;		/* message ids; submits of all kinds, for `reject` */
	struct queue ready, later, receipts;
	struct delivery *spare;
	struct held_list held;
	struct buf body;
	struct center_trouble trouble;
	struct center_stats stats;
};

static struct delivery *delivery_new(struct center *c, const struct smpp_sm *sm, void *owner)
{
	struct delivery *d = c->spare;

	if (d)
		c->spare = d->next;
	else
		d = mem_alloc(sizeof(*d));
	c->body.len = 0;
	smpp_sm_pack(&c->body, sm);
	memcpy(d->body, c->body.ptr, c->body.len);
	d->len = c->body.len;
	d->owner = owner;
	d->number = ++c->last_number;
	d->receipt = sm->esm_class & SMPP_RECEIPT;
	d->again = false;
	c->stats.waiting++;
	return d;
}

static void delivery_end(struct center *c, struct delivery *d, uint32_t status)
{
	void *owner = d->owner;

	c->stats.waiting--;
	d->next = c->spare;
	c->spare = d;
	if (owner)
		c->events->answer(c->arg, owner, status, true);
}

/* A number whose slot in the window is free. */
static uint32_t next_seq(struct session *s)
{
	do
		s->seq = s->seq % 0x7fffffff + 1;
	while (s->slot[s->seq & (s->slots - 1)]);
	return s->seq;
}

static void deliver(struct session *s, struct delivery *d)
{
	struct center *c = s->center;
	struct buf *out = link_out(s->link);
	uint32_t seq = next_seq(s);

	s->slot[seq & (s->slots - 1)] = d;
	s->open++;
	d->due = uv_now(c->loop) + c->conf.answer_s * 1000ull;
	smpp_head_pack(out, SMPP_DELIVER, SMPP_OK, seq, d->len);
	buf_add(out, d->body, d->len);
	c->stats.deliver_sent++;
	c->stats.deliver_retries += d->again;
	d->again = true;
}

/* Round robin over the receiving binds that have room in their window. */
static struct session *next_with_room(struct center *c)
{
	struct session *s = c->turn ? c->turn : c->sessions;

	for (struct session *begin = s; s;) {
		struct session *next = s->next ? s->next : c->sessions;

		if (s->receives && s->open < c->conf.window) {
			c->turn = next;
			return s;
		}
		s = next == begin ? NULL : next;
	}
	return NULL;
}

static void pump(struct center *c)
{
	struct session *s;

	while (c->ready.first && (s = next_with_room(c)))
		deliver(s, queue_pop(&c->ready));
}

static void ripe(struct queue *from, struct queue *to, uint64_t now)
{
	while (from->first && from->first->due <= now)
		queue_push(to, queue_pop(from));
}

static struct session *session_by_id(const struct center *c, uint32_t id)
{
	struct session *s = c->sessions;

	while (s && s->id != id)
		s = s->next;
	return s;
}

static void submit_answer(struct session *s, uint32_t seq, uint32_t status, const char *id)
{
	smpp_resp_pack(link_out(s->link), SMPP_SUBMIT | SMPP_RESP, status, seq,
		       status ? NULL : id);
}

static void release_held(struct center *c, uint64_t now)
{
	struct held *h;

	while ((h = held_pop(&c->held, now))) {
		struct session *s = session_by_id(c, h->session);

		if (s)
			submit_answer(s, h->seq, h->status, h->id);
		free(h);
	}
}

static void due_fired(uv_timer_t *timer)
{
	struct center *c = timer->data;
	uint64_t now = uv_now(c->loop);

	ripe(&c->later, &c->ready, now);
	ripe(&c->receipts, &c->ready, now);
	release_held(c, now);
}

static void arm(struct center *c)
{
	uint64_t next = UINT64_MAX, now = uv_now(c->loop);

	if (c->later.first && c->later.first->due < next)
		next = c->later.first->due;
	if (c->receipts.first && c->receipts.first->due < next)
		next = c->receipts.first->due;
	if (c->held.first && c->held.first->due < next)
		next = c->held.first->due;
	if (next == UINT64_MAX)
		uv_timer_stop(&c->due);
	else
		uv_timer_start(&c->due, due_fired, next > now ? next - now : 0, 0);
}

/* Once a turn of the loop, before it sleeps: everything since goes out in one write a link. */
static void before_sleep(uv_prepare_t *prepare)
{
	struct center *c = prepare->data;

	pump(c);
	for (struct session *s = c->sessions, *next; s; s = next) {
		next = s->next;
		link_flush(s->link);
	}
	arm(c);
}

static void count_binds(struct center *c)
{
	c->stats.binds = c->stats.receivers = 0;
	for (struct session *s = c->sessions; s; s = s->next) {
		c->stats.binds += s->sends || s->receives;
		c->stats.receivers += s->receives;
	}
	if (c->events->binds && !c->closing)
		c->events->binds(c->arg);
}

static int newest_first(const void *a, const void *b)
{
	const struct delivery *x = *(struct delivery *const *)a, *y = *(struct delivery *const *)b;

	return (int32_t)(y->number - x->number);
}

/* What was not answered goes out first on the next link, in its old order. */
static void take_back(struct session *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->slots; i++)
		if (s->slot[i])
			s->slot[n++] = s->slot[i];
	qsort(s->slot, n, sizeof(*s->slot), newest_first);
	for (unsigned i = 0; i < n; i++)
		queue_unshift(&s->center->ready, s->slot[i]);
}

static void session_end(struct session *s, const char *why)
{
	struct center *c = s->center;
	struct session **at = &c->sessions;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	if (c->turn == s)
		c->turn = NULL;
	log_info("smpp_down", "system_id=%s why=\"%s\" unanswered=%u", s->name, why, s->open);
	take_back(s);
	link_close(&s->link);
	free(s->slot);
	free(s);
	count_binds(c);
}

static void on_closed(void *arg, const char *why)
{
	struct session *s = arg;

	s->link = NULL;
	session_end(s, why);
}

static uint32_t bind_status(struct session *s, struct str body)
{
	const struct center_conf *conf = &s->center->conf;
	struct smpp_bind bind;

	if (s->sends || s->receives)
		return SMPP_RALYBND;
	if (smpp_bind_unpack(body, &bind, NULL) < 0)
		return SMPP_RBINDFAIL;
	snprintf(s->name, sizeof(s->name), "%.*s", STR_ARG(bind.system_id));
	if (conf->system_id && !str_eqz(bind.system_id, conf->system_id))
		return SMPP_RBINDFAIL;
	if (conf->password && !str_eqz(bind.password, conf->password))
		return SMPP_RINVPASWD;
	return SMPP_OK;
}

static void on_bind(struct session *s, const struct smpp_head *head, struct str body)
{
	uint32_t status = bind_status(s, body);

	if (!status) {
		s->sends = head->command != SMPP_BIND_RECEIVER;
		s->receives = head->command != SMPP_BIND_TRANSMITTER;
	}
	log_info("smpp_bind", "system_id=%s sends=%d receives=%d status=0x%x", s->name, s->sends,
		 s->receives, status);
	smpp_resp_pack(link_out(s->link), head->command | SMPP_RESP, status, head->seq, "smsc");
	count_binds(s->center);
}

static void hold(struct session *s, uint32_t seq, uint32_t status, const char *id)
{
	struct center *c = s->center;
	struct held held = {
		.due = uv_now(c->loop) + c->trouble.delay_ms,
		.session = s->id, .seq = seq, .status = status,
	};

	memcpy(held.id, id, sizeof(held.id));
	held_push(&c->held, &held);
}

/* registered_delivery (5.2.17): 1 whatever became of it, 2 only failures. */
static void queue_receipt(struct center *c, const struct smpp_sm *sm, const char *id)
{
	bool failed = c->trouble.receipts == CENTER_RECEIPTS_FAIL, expired = c->trouble.error == CENTER_EXPIRED;
	struct receipt receipt;
	unsigned asked = sm->registered & 3;

	if (c->trouble.receipts == CENTER_RECEIPTS_OFF)
		return;
	if (asked != 1 && !(asked == 2 && failed))
		return;
	receipt_make(&receipt, sm, id, !failed ? SMPP_STATE_DELIVERED : expired ? SMPP_STATE_EXPIRED : SMPP_STATE_UNDELIVERABLE,
		     failed && !expired ? c->trouble.error : 0, time(NULL));
	struct delivery *d = delivery_new(c, &receipt.sm, NULL);
	d->due = uv_now(c->loop) + c->trouble.delay_ms + c->conf.receipt_ms;
	queue_push(&c->receipts, d);
}

static uint32_t submit_status(struct session *s, struct str body, struct smpp_sm *sm_r)
{
	struct center *c = s->center;

	if (!s->sends)
		return SMPP_RINVBNDSTS;
	if (smpp_sm_unpack(body, sm_r, NULL) < 0)
		return SMPP_RSYSERR;
	if (!sm_r->to.digits.len)
		return SMPP_RINVDSTADR;
	if (c->trouble.reject && ++c->seen % c->trouble.reject == 0)
		return c->trouble.reject_status ? c->trouble.reject_status : SMPP_RTHROTTLED;
	return SMPP_OK;
}

static void on_submit(struct session *s, const struct smpp_head *head, struct str body)
{
	struct center *c = s->center;
	char id[RECEIPT_ID + 1] = "";
	struct smpp_sm sm;
	uint32_t status = submit_status(s, body, &sm);

	if (!status)
		receipt_id(++c->last_id, id);
	if (c->trouble.delay_ms || c->held.first)	/* what is held back keeps its order */
		hold(s, head->seq, status, id);
	else
		submit_answer(s, head->seq, status, id);
	if (status) {
		c->stats.rejected++;
		return;
	}
	c->stats.submits++;
	c->events->submit(c->arg, &sm);
	if (sm.registered)
		queue_receipt(c, &sm, id);
}

static bool permanent(uint32_t status)
{
	return status == SMPP_RX_P_APPN || status == SMPP_RX_R_APPN;
}

static void on_deliver_resp(struct session *s, const struct smpp_head *head)
{
	struct center *c = s->center;
	struct delivery **slot = s->slots ? &s->slot[head->seq & (s->slots - 1)] : NULL;

	if (!slot || !*slot)
		return;			/* it came after we had given up waiting */
	struct delivery *d = *slot;
	*slot = NULL;
	s->open--;
	if (head->status == SMPP_OK) {
		c->stats.dlr_sent += d->receipt;
		delivery_end(c, d, SMPP_OK);
	} else if (permanent(head->status)) {
		delivery_end(c, d, head->status);
	} else {
		d->due = uv_now(c->loop) + c->conf.retry_ms;
		queue_push(&c->later, d);
		if (d->owner)
			c->events->answer(c->arg, d->owner, head->status, false);
	}
}

static void on_pdu(void *arg, const struct smpp_head *head, struct str body)
{
	struct session *s = arg;
	struct buf *out = link_out(s->link);

	s->heard = uv_now(s->center->loop);
	switch (head->command) {
	case SMPP_SUBMIT:
		on_submit(s, head, body);
		break;
	case SMPP_DELIVER | SMPP_RESP:
		on_deliver_resp(s, head);
		break;
	case SMPP_BIND_RECEIVER:
	case SMPP_BIND_TRANSMITTER:
	case SMPP_BIND_TRANSCEIVER:
		on_bind(s, head, body);
		break;
	case SMPP_ENQUIRE_LINK:
		smpp_resp_pack(out, SMPP_ENQUIRE_LINK | SMPP_RESP, SMPP_OK, head->seq, NULL);
		break;
	case SMPP_UNBIND:
		smpp_resp_pack(out, SMPP_UNBIND | SMPP_RESP, SMPP_OK, head->seq, NULL);
		session_end(s, "unbind");
		break;
	default:
		if (!(head->command & SMPP_RESP))
			smpp_resp_pack(out, SMPP_NACK, SMPP_RINVCMDID, head->seq, NULL);
	}
}

static const struct link_events link_events = { on_pdu, on_closed };

static void on_connection(uv_stream_t *listener, int status)
{
	struct center *c = listener->data;
	struct link *link = status < 0 ? NULL : link_accept(listener, &link_events);

	if (!link)
		return;
	struct session *s = mem_alloc(sizeof(*s));
	s->center = c;
	s->link = link;
	s->id = ++c->last_session;
	/* twice the window, so that a free slot is near though answers come out of order */
	for (s->slots = 16; s->slots < 2 * c->conf.window;)
		s->slots *= 2;
	s->slot = mem_alloc(s->slots * sizeof(struct delivery *));
	s->heard = s->asked = uv_now(c->loop);
	s->next = c->sessions;
	c->sessions = s;
	link_owner(link, s);
}

/* A silent peer: its deliveries become free for others. */
static void give_up_waiting(struct session *s, uint64_t now)
{
	for (unsigned i = 0; s->open && i < s->slots; i++) {
		struct delivery *d = s->slot[i];

		if (!d || d->due > now)
			continue;
		s->slot[i] = NULL;
		s->open--;
		queue_push(&s->center->ready, d);
	}
}

static void tick(uv_timer_t *timer)
{
	struct center *c = timer->data;
	uint64_t now = uv_now(c->loop), every = c->conf.enquire_s * 1000ull;

	for (struct session *s = c->sessions, *next; s; s = next) {
		next = s->next;
		give_up_waiting(s, now);
		if (now - s->heard > 2 * every) {
			session_end(s, "silent");
		} else if ((s->sends || s->receives) && now - s->asked >= every) {
			s->asked = now;
			smpp_resp_pack(link_out(s->link), SMPP_ENQUIRE_LINK, SMPP_OK, next_seq(s),
				       NULL);
		}
	}
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

int center_up(struct center *c, struct err *err)
{
	struct sockaddr_in at;
	int len = sizeof(at), rc;

	if (c->listener)
		return 0;
	c->listener = mem_alloc(sizeof(*c->listener));
	c->listener->data = c;
	uv_tcp_init(c->loop, c->listener);
	uv_ip4_addr("127.0.0.1", c->port, &at);
	rc = uv_tcp_bind(c->listener, (struct sockaddr *)&at, 0);
	if (!rc)
		rc = uv_listen((uv_stream_t *)c->listener, LISTEN_BACKLOG, on_connection);
	if (rc) {
		uv_close((uv_handle_t *)c->listener, free_handle);
		c->listener = NULL;
		return err_set(err, ERR_PERM, "cannot listen for SMPP on 127.0.0.1:%d: %s "
			       "(give another port)", c->port, uv_strerror(rc));
	}
	uv_tcp_getsockname(c->listener, (struct sockaddr *)&at, &len);
	c->port = ntohs(at.sin_port);
	return 0;
}

struct center *center_new(uv_loop_t *loop, const struct center_conf *conf,
			  const struct center_events *events, void *arg, struct err *err)
{
	struct center *c = mem_alloc(sizeof(*c));

	c->loop = loop;
	c->conf = *conf;
	c->events = events;
	c->arg = arg;
	c->port = conf->port;
	if (center_up(c, err) < 0) {
		free(c);
		return NULL;
	}
	/* unlike those of the centre that ran before: its receipts may still be asked about */
	c->last_id = (uint64_t)time(NULL) << 24;
	queue_init(&c->ready);
	queue_init(&c->later);
	queue_init(&c->receipts);
	held_init(&c->held);
	uv_prepare_init(loop, &c->prepare);
	uv_timer_init(loop, &c->due);
	uv_timer_init(loop, &c->tick);
	c->prepare.data = c->due.data = c->tick.data = c;
	uv_prepare_start(&c->prepare, before_sleep);
	uv_timer_start(&c->tick, tick, TICK_MS, TICK_MS);
	return c;
}

int center_port(const struct center *c)
{
	return c->port;
}

const struct center_stats *center_stats(const struct center *c)
{
	return &c->stats;
}

struct center_trouble *center_trouble(struct center *c)
{
	return &c->trouble;
}

void center_deliver(struct center *c, const struct smpp_sm *sm, void *owner)
{
	queue_push(&c->ready, delivery_new(c, sm, owner));
}

void center_drop(struct center *c)
{
	while (c->sessions)
		session_end(c->sessions, "dropped");
}

void center_down(struct center *c)
{
	if (c->listener)
		uv_close((uv_handle_t *)c->listener, free_handle);
	c->listener = NULL;
	center_drop(c);
}

static void forget(struct center *c, struct queue *q)
{
	struct delivery *d;

	while ((d = queue_pop(q)))
		delivery_end(c, d, CENTER_DROPPED);
}

static void forget_all(struct center *c)
{
	for (struct session *s = c->sessions; s; s = s->next) {
		take_back(s);
		memset(s->slot, 0, s->slots * sizeof(*s->slot));
		s->open = 0;
	}
	forget(c, &c->ready);
	forget(c, &c->later);
	forget(c, &c->receipts);
}

void center_reset(struct center *c)
{
	forget_all(c);
	c->trouble = (struct center_trouble){ 0 };
	release_held(c, UINT64_MAX);
	c->seen = 0;
	c->stats = (struct center_stats){ .waiting = c->stats.waiting };
	count_binds(c);
}

static void closed(uv_handle_t *handle)
{
	struct center *c = handle->data;

	if (--c->closing)
		return;
	for (struct delivery *d = c->spare, *next; d; d = next) {
		next = d->next;
		free(d);
	}
	buf_free(&c->body);
	free(c);
}

void center_free(struct center **center)
{
	struct center *c = *center;

	*center = NULL;
	if (!c)
		return;
	c->closing = 3;
	forget_all(c);
	center_down(c);
	release_held(c, UINT64_MAX);
	uv_close((uv_handle_t *)&c->prepare, closed);
	uv_close((uv_handle_t *)&c->due, closed);
	uv_close((uv_handle_t *)&c->tick, closed);
}
