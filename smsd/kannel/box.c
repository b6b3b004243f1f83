/* box - see box.h.  A `struct box` lives on through all its connections (box_link).
 * A connection that is given up, and a box that is freed, keep their memory till the
 * loop's next turn, so whoever is being handed a frame may close or free meanwhile:
 * after each call of the owner's function, current() and the state tell what is left. */
#include "kannel/box.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "kannel/box_link.h"

enum {
	FAIR = 4 * BOX_LINK_CHUNK,	/* octets a wakeup: others use the loop as well */
	CONNECT_MS = 10000,
	SECURE_MS = 30000,		/* bearerbox greets one box a second */
	DRAIN_MS = 5000,
	STEADY_MS = 5000,		/* a link that lasted so long was a good one */
	ENDING_MS = 2000,		/* one that ends would still accept, and read nothing */
	TELL_EACH = 10,			/* failed attempts a warning */
};

enum state {
	CLOSED,			/* for good */
	WAITING,		/* till the next attempt */
	RESOLVING,
	CONNECTING,
	SECURING,		/* TLS handshake */
	UP,
	DRAINING,		/* we closed: all is being sent, then the peer closes too */
};

struct box {
	uv_loop_t *loop;
	const struct box_conf *conf;
	box_fn *fn;
	void *arg;
	enum state state;
	bool reopen;
	unsigned held;		/* by libuv: the timer, the query */
	uv_timer_t timer;	/* of the state */
	uv_getaddrinfo_t query;
	struct addrinfo *addresses, *next;
	struct box_link *link;	/* from CONNECTING on */
	uint64_t since;		/* up, ms of the loop */
	unsigned backoff_ms, wait_ms;
	unsigned failures;	/* since it was up */
	bool ending;		/* the peer said so */
	unsigned load;
};

static void resolve(struct box *box);
static void lose(struct box *box, const char *reason);
static void on_poll(uv_poll_t *handle, int status, int events);

static bool current(const struct box *box, const struct box_link *link)
{
	return box->link == link;
}

static void release(struct box *box)
{
	if (--box->held == 0)
		free(box);
}

static void heartbeat(struct box *box)
{
	struct box_msg msg = {
		.type = BOX_HEARTBEAT, .heartbeat.load = (int32_t)box->load,
	};

	box_send(box, &msg);
	box_flush(box);
}

/* --- states --- */

static void on_timer(uv_timer_t *timer)
{
	struct box *box = timer->data;

	switch (box->state) {
	case WAITING:
		resolve(box);
		break;
	case CONNECTING:
		lose(box, "no answer: is the host right, does a firewall drop it?");
		break;
	case SECURING:
		lose(box, "no TLS greeting: has bearerbox smsbox-port-ssl = yes?");
		break;
	case UP:
		heartbeat(box);
		break;
	case DRAINING:
		lose(box, "closed by us, but the peer did not close in time");
		break;
	case CLOSED:
	case RESOLVING:
		break;
	}
}

static uint64_t time_of(const struct box *box, enum state state)
{
	switch (state) {
	case WAITING:
		return box->wait_ms;
	case CONNECTING:
		return CONNECT_MS;
	case SECURING:
		return SECURE_MS;
	case UP:
		return (uint64_t)box->conf->heartbeat_s * 1000;
	case DRAINING:
		return DRAIN_MS;
	case CLOSED:
	case RESOLVING:
		break;
	}
	return 0;
}

/* The one place where the state changes. */
static void enter(struct box *box, enum state state)
{
	uint64_t ms = time_of(box, state);

	box->state = state;
	if (ms)
		uv_timer_start(&box->timer, on_timer, ms, state == UP ? ms : 0);
	else
		uv_timer_stop(&box->timer);
}

/* Up to a quarter more, so that many boxes do not come back at the same moment. */
static void wait_or_close(struct box *box)
{
	unsigned ms = box->backoff_ms ? box->backoff_ms : 1;
	unsigned most = box->conf->backoff_max_ms;

	box->backoff_ms = ms < most / 2 ? ms * 2 : most;
	if (box->ending && ms < ENDING_MS)
		ms = ENDING_MS;
	box->ending = false;
	box->wait_ms = ms + arc4random_uniform(ms / 4 + 1);
	enter(box, box->reopen ? WAITING : CLOSED);
}

/* --- up --- */

static void attempt_failed(struct box *box, const char *reason)
{
	const struct box_conf *conf = box->conf;
	bool tell = box->failures++ % TELL_EACH == 0;

	wait_or_close(box);
	(tell ? log_warn : log_debug)("box_connect_failed",
		"name=%s host=%s port=%d attempts=%u retry_ms=%u reason=\"%s\"", conf->name,
		conf->host, conf->port, box->failures, box->wait_ms, reason);
}

/* A name may stand for several addresses: each is tried before we wait. */
static void connect_next(struct box *box, const char *reason)
{
	struct err err;

	err_set(&err, ERR_TEMP, "%s", reason);
	while (box->next) {
		const struct addrinfo *to = box->next;

		box->next = to->ai_next;
		if (box_link_open(box->loop, to, on_poll, box, &box->link, &err) == 0) {
			enter(box, CONNECTING);
			return;
		}
	}
	attempt_failed(box, err.text);
}

static void forget_addresses(struct box *box)
{
	if (box->addresses)
		uv_freeaddrinfo(box->addresses);
	box->addresses = box->next = NULL;
}

static void on_resolved(uv_getaddrinfo_t *query, int status, struct addrinfo *found)
{
	struct box *box = query->data;

	if (box->state != RESOLVING) {
		uv_freeaddrinfo(found);
	} else if (status < 0) {
		attempt_failed(box, uv_strerror(status));
	} else {
		box->addresses = box->next = found;
		connect_next(box, "the host has no address");
	}
	release(box);
}

static void resolve(struct box *box)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	char port[16];

	forget_addresses(box);
	snprintf(port, sizeof(port), "%d", box->conf->port);
	enter(box, RESOLVING);
	box->query.data = box;
	int rc = uv_getaddrinfo(box->loop, &box->query, on_resolved, box->conf->host, port,
				&hints);

	if (rc < 0)
		attempt_failed(box, uv_strerror(rc));
	else
		box->held++;
}

static void go_up(struct box *box)
{
	struct box_msg identify = {
		.type = BOX_ADMIN,
		.admin = { .command = BOX_CMD_IDENTIFY, .boxc_id = str_z(box->conf->boxc_id) },
	};

	log_info("box_up", "name=%s host=%s port=%d tls=%s attempts=%u", box->conf->name,
		 box->conf->host, box->conf->port, box->conf->tls ? "yes" : "no",
		 box->failures + 1);
	box->failures = 0;
	box->since = uv_now(box->loop);
	enter(box, UP);
	box_send(box, &identify);
	box_flush(box);
	box->fn(box->arg, box, BOX_EV_UP, NULL);
}

static void connected(struct box *box)
{
	struct err err;

	if (box_link_connected(box->link, &err) < 0) {
		lose(box, err.text);
		return;
	}
	if (!box->conf->tls) {
		go_up(box);
		return;
	}
	enter(box, SECURING);
	if (box_link_secure(box->link, box->conf, &err) < 0)
		lose(box, err.text);
}

/* --- down --- */

/* Bearerbox gives no reasons; what is closed so soon has one of few. */
static void explain(const struct box *box, struct err *err)
{
	size_t n = strlen(err->text);

	if (box->ending || box_link_broken(box->link))
		return;
	if (box->state == UP && uv_now(box->loop) - box->since >= STEADY_MS)
		return;
	snprintf(err->text + n, sizeof(err->text) - n, " at once: does its box-allow-ip allow "
		 "us, is its smsbox-port-ssl = %s?", box->conf->tls ? "yes" : "no");
}

static void go_down(struct box *box, const char *reason)
{
	bool expected = box->state == DRAINING || box->ending;
	uint64_t lasted = uv_now(box->loop) - box->since;
	size_t unsent = box_link_pending(box->link);

	box_link_drop(&box->link);
	if (lasted > STEADY_MS)
		box->backoff_ms = box->conf->backoff_min_ms;
	wait_or_close(box);
	(expected ? log_info : log_warn)("box_down",
		"name=%s lasted_ms=%llu unsent=%zu reason=\"%s\"", box->conf->name,
		(unsigned long long)lasted, unsent, reason);
	box->fn(box->arg, box, BOX_EV_DOWN, NULL);
}

/* Only what had been up goes down: a failed attempt is none of the owner's business. */
static void lose(struct box *box, const char *reason)
{
	if (box->state == CONNECTING) {
		box_link_drop(&box->link);
		connect_next(box, reason);
	} else if (box->state == SECURING) {
		box_link_drop(&box->link);
		attempt_failed(box, reason);
	} else {
		go_down(box, reason);
	}
}

/* --- frames --- */

static void take_admin(struct box *box, int32_t command)
{
	switch (command) {
	case BOX_CMD_SHUTDOWN:
	case BOX_CMD_RESTART:
		box->ending = true;
		log_info("box_shutdown", "name=%s command=%d", box->conf->name, command);
		box->fn(box->arg, box, BOX_EV_SHUTDOWN, NULL);
		break;
	case BOX_CMD_SUSPEND:
		box->fn(box->arg, box, BOX_EV_SUSPEND, NULL);
		break;
	case BOX_CMD_RESUME:
		box->fn(box->arg, box, BOX_EV_RESUME, NULL);
		break;
	default:
		log_debug("box_ignored", "name=%s admin=%d", box->conf->name, command);
	}
}

static void take(struct box *box, const struct box_msg *msg)
{
	switch (msg->type) {
	case BOX_SMS:
	case BOX_ACK:
		box->fn(box->arg, box, BOX_EV_MSG, msg);
		break;
	case BOX_ADMIN:
		take_admin(box, msg->admin.command);
		break;
	case BOX_HEARTBEAT:
	case BOX_WDP:
		log_debug("box_ignored", "name=%s type=%d", box->conf->name, (int)msg->type);
	}
}

static void garbage(struct box *box, const struct err *err)
{
	log_warn("box_garbage", "name=%s reason=\"%s\"", box->conf->name, err->text);
	lose(box, "garbage was received");
}

static void hand_out(struct box *box, struct box_link *link)
{
	struct str rest = buf_get(&link->in), body;
	struct box_msg msg;
	struct err err;

	while (current(box, link) && box->state == UP) {
		int n = wire_frame(rest, &body, &err);

		if (n == 0)
			break;
		if (n < 0 || wire_unpack(body, &msg, &err) < 0) {
			garbage(box, &err);
			return;
		}
		str_skip(&rest, (size_t)n);
		take(box, &msg);
	}
	if (link->in.len == rest.len)
		return;
	memmove(link->in.ptr, rest.ptr, rest.len);
	link->in.len = rest.len;
}

/* Stops at a short read: the socket is empty then, and poll tells of what follows. */
static void receive(struct box *box, struct box_link *link)
{
	struct err err;
	ssize_t n, total = 0;

	do {
		n = box_link_read(link, &err);
		if (box->state == SECURING && box_link_secured(link) && !box_link_broken(link))
			go_up(box);
		if (n > 0 && current(box, link) && box->state == UP)
			hand_out(box, link);
		total += n;
	} while (n == BOX_LINK_CHUNK && total < FAIR && current(box, link) && box->state == UP);
	if (n < 0 && current(box, link)) {
		explain(box, &err);
		lose(box, err.text);
	}
}

/* Closing with octets unread would reset the connection and could destroy what we
 * sent last: so only our direction was shut, and we read on till the peer closes. */
static void drain(struct box *box, struct box_link *link)
{
	struct err err;
	ssize_t n, total = 0;

	box_link_push(link);
	do {
		n = box_link_discard(link, &err);
		total += n;
	} while (n == BOX_LINK_CHUNK && total < FAIR);
	if (n < 0)
		lose(box, box_link_broken(link) ? err.text : "closed by us");
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct box_link *link = handle->data;
	struct box *box = link->owner;

	if (status < 0)		/* libuv has stopped polling; the socket says why */
		link->events = 0;
	if (box->state == CONNECTING) {
		connected(box);
	} else if (box->state == DRAINING) {
		drain(box, link);
	} else {
		if (events & UV_WRITABLE)
			box_link_push(link);
		if (status < 0 || events & UV_READABLE)
			receive(box, link);
	}
	if (current(box, link))
		box_link_watch(link);
}

/* --- for the owner --- */

struct box *box_new(uv_loop_t *loop, const struct box_conf *conf, box_fn *fn, void *arg)
{
	struct box *box = mem_alloc(sizeof(*box));

	box->loop = loop;
	box->conf = conf;
	box->fn = fn;
	box->arg = arg;
	box->reopen = true;
	box->backoff_ms = conf->backoff_min_ms;
	uv_timer_init(loop, &box->timer);
	box->timer.data = box;
	box->held = 1;
	resolve(box);
	return box;
}

static void timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void box_free(struct box **box_p)
{
	struct box *box = *box_p;

	if (!box)
		return;
	*box_p = NULL;
	if (box->state == RESOLVING)
		uv_cancel((uv_req_t *)&box->query);
	enter(box, CLOSED);
	box_link_drop(&box->link);
	forget_addresses(box);
	uv_close((uv_handle_t *)&box->timer, timer_closed);
}

bool box_is_up(const struct box *box)
{
	return box->state == UP && !box_link_broken(box->link);
}

bool box_send(struct box *box, const struct box_msg *msg)
{
	if (!box_is_up(box))
		return false;
	box_link_pack(box->link, msg);
	return true;
}

void box_flush(struct box *box)
{
	if (box_is_up(box) && box_link_pending(box->link))
		box_link_push(box->link);
}

void box_rest(struct box *box)
{
	if (!box_is_up(box) || box->link->resting)
		return;
	box->link->resting = true;
	box_link_watch(box->link);
}

void box_read(struct box *box, bool on)
{
	struct box_link *link = box->link;

	if (!link || !link->resting)
		return;
	link->resting = !on;
	if (box->state == UP)
		receive(box, link);
	if (current(box, link))
		box_link_watch(link);
}

size_t box_unsent(const struct box *box)
{
	return box->link ? box_link_pending(box->link) : 0;
}

void box_close(struct box *box, bool reopen)
{
	box->reopen = box->reopen && reopen;
	if (box->state == UP) {
		enter(box, DRAINING);
		box->link->resting = false;
		box_link_end(box->link);
	} else if (!box->reopen && box->state != DRAINING && box->state != CLOSED) {
		enter(box, CLOSED);
		box_link_drop(&box->link);
	}
}

void box_set_load(struct box *box, unsigned in_flight)
{
	box->load = in_flight;
}
