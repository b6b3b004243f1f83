/* box - see box.h.  A `struct box` lives on through all its connections; each
 * connection is a `struct link`, which ends with its poll handle's close callback,
 * so whoever is being handed a frame of it may close or free the box meanwhile.
 * The owner's callback is always the last thing a function does. */
#include "kannel/box.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "kannel/box_tls.h"

enum {
	CHUNK = 65536,			/* octets asked of one recv() */
	FAIR = 4 * CHUNK,		/* of one wakeup: others use the loop as well */
	CONNECT_MS = 10000,
	SECURE_MS = 30000,		/* bearerbox takes one box a second, and only then greets it */
	DRAIN_MS = 5000,
	STEADY_MS = 5000,		/* a link that lasted so long was a good one */
	ENDING_MS = 2000,		/* a bearerbox that ends would still accept, and tell nobody */
	KEEP_IDLE_S = 20, KEEP_EACH_S = 10, KEEP_COUNT = 4,
	SILENT_MS = 60000,		/* the same limit where data is unacknowledged */
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

struct link {
	struct box *box;
	uv_poll_t poll;
	int fd;
	int events;		/* polled for */
	struct box_tls *tls;	/* NULL when plain */
	struct buf cipher;	/* received, TLS */
	struct buf in;		/* received, frames */
	struct buf plain;	/* to be enciphered */
	struct buf out;		/* to be sent, of which */
	size_t sent;		/* this was taken by the socket */
	bool finished;		/* our direction is shut */
	uint64_t since;		/* up, ms of the loop */
	struct err broken;	/* why nothing can be sent any more */
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
	struct link *link;
	unsigned backoff_ms, wait_ms;
	unsigned failures;	/* since it was up */
	bool ending;		/* the peer said so */
	unsigned load;
};

static void resolve(struct box *box);
static void link_lost(struct link *link, const char *reason);
static void heartbeat(struct box *box);

static void release(struct box *box)
{
	if (--box->held == 0)
		free(box);
}

/* --- the connection's octets --- */

static void link_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	box_tls_free(&link->tls);
	buf_free(&link->cipher);
	buf_free(&link->in);
	buf_free(&link->plain);
	buf_free(&link->out);
	free(link);
}

static void drop_link(struct box *box)
{
	struct link *link = box->link;

	if (!link)
		return;
	box->link = NULL;
	uv_close((uv_handle_t *)&link->poll, link_closed);
	close(link->fd);
}

static bool current(const struct link *link)
{
	return link->box->link == link;
}

static void set(int fd, int level, int option, int value)
{
	/* Each only makes the link better; where one is refused the link still works. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static void tune(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EACH_S);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SILENT_MS);
}

static size_t pending(const struct link *link)
{
	return link->plain.len + link->out.len - link->sent;
}

static void on_poll(uv_poll_t *handle, int status, int events);

static void watch(struct link *link)
{
	int events = UV_READABLE;

	if (link->box->state == CONNECTING)
		events = UV_WRITABLE;
	else if (pending(link))
		events |= UV_WRITABLE;
	if (events == link->events)
		return;
	link->events = events;
	uv_poll_start(&link->poll, events, on_poll);
}

/* The end is left to the reading side: what the peer had sent before is still there,
 * acknowledgements among it, and nobody who only writes expects to be called back. */
static void break_link(struct link *link, const char *why)
{
	err_set(&link->broken, ERR_TEMP, "%s", why);
	link->plain.len = link->out.len = link->sent = 0;
	shutdown(link->fd, SHUT_RDWR);
}

static bool broken(const struct link *link)
{
	return link->broken.class != ERR_NONE;
}

static void seal(struct link *link)
{
	struct err err;

	if (link->tls && link->plain.len &&
	    box_tls_seal(link->tls, buf_get(&link->plain), &err) < 0) {
		break_link(link, err.text);
		return;
	}
	if (!link->tls)
		return;
	link->plain.len = 0;
	box_tls_collect(link->tls, &link->out);
}

static void forget_sent(struct link *link)
{
	struct buf *out = &link->out;

	if (link->sent < out->len && (link->sent < CHUNK || link->sent < out->len / 2))
		return;
	out->len -= link->sent;
	memmove(out->ptr, out->ptr + link->sent, out->len);
	link->sent = 0;
}

static void push(struct link *link)
{
	if (broken(link))
		return;
	seal(link);
	if (link->out.len > link->sent) {
		ssize_t n = send(link->fd, link->out.ptr + link->sent,
				 link->out.len - link->sent, MSG_NOSIGNAL);

		if (n >= 0) {
			link->sent += (size_t)n;
			forget_sent(link);
		} else if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS &&
			   errno != ENOMEM) {
			break_link(link, strerror(errno));
		}
	}
	watch(link);
}

/* More octets into `to`: how many, 0 for none now, -1 when there will be none. */
static ssize_t pull(struct link *link, struct buf *to, struct err *err)
{
	buf_room(to, CHUNK);
	ssize_t n = recv(link->fd, to->ptr + to->len, CHUNK, 0);

	/* Kannel leaves Nagle on, so each frame of it would wait for a delayed ack. */
	set(link->fd, IPPROTO_TCP, TCP_QUICKACK, 1);
	if (n > 0) {
		to->len += (size_t)n;
		return n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (broken(link))
		return err_set(err, ERR_TEMP, "%s", link->broken.text);
	if (n < 0)
		return err_set(err, ERR_TEMP, "%s", strerror(errno));
	return err_set(err, ERR_TEMP, "closed by the peer");
}

/* --- attempts --- */

static void on_timer(uv_timer_t *timer)
{
	struct box *box = timer->data;

	switch (box->state) {
	case WAITING:
		resolve(box);
		break;
	case CONNECTING:
		link_lost(box->link, "no answer: is the host right, does a firewall drop it?");
		break;
	case SECURING:
		link_lost(box->link, "no TLS greeting: has bearerbox smsbox-port-ssl = yes?");
		break;
	case UP:
		heartbeat(box);
		break;
	case DRAINING:
		link_lost(box->link, "closed by us; the peer did not close in time");
		break;
	case CLOSED:
	case RESOLVING:
		break;
	}
}

/* The one place where the state changes; each has its own time. */
static void enter(struct box *box, enum state state)
{
	uint64_t ms = 0, repeat = 0;

	box->state = state;
	switch (state) {
	case WAITING:
		ms = box->wait_ms;
		break;
	case CONNECTING:
		ms = CONNECT_MS;
		break;
	case SECURING:
		ms = SECURE_MS;
		break;
	case UP:
		ms = repeat = (uint64_t)box->conf->heartbeat_s * 1000;
		break;
	case DRAINING:
		ms = DRAIN_MS;
		break;
	case CLOSED:
	case RESOLVING:
		break;
	}
	if (ms || state == WAITING)
		uv_timer_start(&box->timer, on_timer, ms, repeat);
	else
		uv_timer_stop(&box->timer);
}

/* Up to a quarter more, so that many boxes do not come back at the same moment. */
static void wait_or_close(struct box *box)
{
	unsigned ms = box->backoff_ms, most = box->conf->backoff_max_ms;

	box->backoff_ms = ms < most / 2 ? ms * 2 : most;
	if (box->ending && ms < ENDING_MS)
		ms = ENDING_MS;
	box->ending = false;
	box->wait_ms = ms + arc4random_uniform(ms / 4 + 1);
	enter(box, box->reopen ? WAITING : CLOSED);
}

static void attempt_failed(struct box *box, const char *reason)
{
	const struct box_conf *conf = box->conf;
	bool tell = box->failures++ % TELL_EACH == 0;

	wait_or_close(box);
	(tell ? log_warn : log_debug)("box_connect_failed",
		"name=%s host=%s port=%d attempts=%u retry_ms=%u reason=\"%s\"", conf->name,
		conf->host, conf->port, box->failures, box->wait_ms, reason);
}

static void forget_addresses(struct box *box)
{
	if (box->addresses)
		uv_freeaddrinfo(box->addresses);
	box->addresses = box->next = NULL;
}

static int open_link(struct box *box, const struct addrinfo *to, struct err *err)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(err, ERR_TEMP, "socket: %s", strerror(errno));
	tune(fd);
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS) {
		err_set(err, ERR_TEMP, "%s", strerror(errno));
		close(fd);
		return -1;
	}
	struct link *link = mem_alloc(sizeof(*link));
	int rc = uv_poll_init(box->loop, &link->poll, fd);

	if (rc < 0) {
		close(fd);
		free(link);
		return err_set(err, ERR_TEMP, "poll: %s", uv_strerror(rc));
	}
	link->poll.data = link;
	link->box = box;
	link->fd = fd;
	box->link = link;
	return 0;
}

/* A name may stand for several addresses: each is tried before we wait. */
static void connect_next(struct box *box, const char *reason)
{
	struct err err;

	err_set(&err, ERR_TEMP, "%s", reason);
	while (box->next) {
		const struct addrinfo *to = box->next;

		box->next = to->ai_next;
		if (open_link(box, to, &err) == 0) {
			enter(box, CONNECTING);
			watch(box->link);
			return;
		}
	}
	attempt_failed(box, err.text);
}

static void on_resolved(uv_getaddrinfo_t *query, int status, struct addrinfo *found)
{
	struct box *box = query->data;

	if (box->state != RESOLVING) {
		uv_freeaddrinfo(found);
		release(box);
		return;
	}
	release(box);
	if (status < 0) {
		attempt_failed(box, uv_strerror(status));
		return;
	}
	box->addresses = box->next = found;
	connect_next(box, "the host has no address");
}

static void resolve(struct box *box)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	char port[16];

	forget_addresses(box);
	snprintf(port, sizeof(port), "%d", box->conf->port);
	enter(box, RESOLVING);
	box->query.data = box;
	int rc = uv_getaddrinfo(box->loop, &box->query, on_resolved, box->conf->host, port, &hints);

	if (rc < 0)
		attempt_failed(box, uv_strerror(rc));
	else
		box->held++;
}

static void link_up(struct link *link)
{
	struct box *box = link->box;
	struct box_msg identify = {
		.type = BOX_ADMIN,
		.admin = { .command = BOX_CMD_IDENTIFY, .boxc_id = str_z(box->conf->boxc_id) },
	};

	log_info("box_up", "name=%s host=%s port=%d tls=%s attempts=%u", box->conf->name,
		 box->conf->host, box->conf->port, link->tls ? "yes" : "no", box->failures + 1);
	box->failures = 0;
	link->since = uv_now(box->loop);
	enter(box, UP);
	box_send(box, &identify);
	box_flush(box);
	box->fn(box->arg, box, BOX_EV_UP, NULL);
}

static const char *hint(const struct link *link, uint64_t lasted)
{
	if (lasted >= STEADY_MS || link->box->ending)
		return "";
	return link->tls ? " at once: does its box-allow-ip allow us?" :
		" at once: does its box-allow-ip allow us, or does it want TLS?";
}

/* Only what had been up goes down: a failed attempt is none of the owner's business. */
static void link_lost(struct link *link, const char *reason)
{
	struct box *box = link->box;
	enum state was = box->state;

	if (was == CONNECTING || was == SECURING) {
		drop_link(box);
		was == CONNECTING ? connect_next(box, reason) : attempt_failed(box, reason);
		return;
	}
	uint64_t lasted = uv_now(box->loop) - link->since;
	size_t unsent = pending(link);
	const char *more = was == UP ? hint(link, lasted) : "";

	drop_link(box);
	if (lasted > STEADY_MS)
		box->backoff_ms = box->conf->backoff_min_ms;
	wait_or_close(box);
	(was == UP ? log_warn : log_info)("box_down",
		"name=%s lasted_ms=%llu unsent=%zu reason=\"%s%s\"", box->conf->name,
		(unsigned long long)lasted, unsent, reason, more);
	box->fn(box->arg, box, BOX_EV_DOWN, NULL);
}

/* --- frames --- */

static void heartbeat(struct box *box)
{
	struct box_msg msg = {
		.type = BOX_HEARTBEAT, .heartbeat.load = (int32_t)box->load,
	};

	box_send(box, &msg);
	box_flush(box);
}

static void take_admin(struct box *box, const struct box_msg *msg)
{
	switch (msg->admin.command) {
	case BOX_CMD_SHUTDOWN:
	case BOX_CMD_RESTART:
		box->ending = true;
		log_info("box_shutdown", "name=%s command=%d", box->conf->name,
			 msg->admin.command);
		box->fn(box->arg, box, BOX_EV_SHUTDOWN, NULL);
		break;
	case BOX_CMD_SUSPEND:
		box->fn(box->arg, box, BOX_EV_SUSPEND, NULL);
		break;
	case BOX_CMD_RESUME:
		box->fn(box->arg, box, BOX_EV_RESUME, NULL);
		break;
	default:
		log_debug("box_ignored", "name=%s admin=%d", box->conf->name,
			  msg->admin.command);
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
		take_admin(box, msg);
		break;
	case BOX_HEARTBEAT:
	case BOX_WDP:
		log_debug("box_ignored", "name=%s type=%d", box->conf->name, (int)msg->type);
	}
}

static void garbage(struct link *link, const struct err *err)
{
	log_warn("box_garbage", "name=%s reason=\"%s\"", link->box->conf->name, err->text);
	link_lost(link, "what came was no frame of the box protocol");
}

static void hand_out(struct link *link)
{
	struct box *box = link->box;
	struct str rest = buf_get(&link->in), body;
	struct box_msg msg;
	struct err err;

	while (current(link) && box->state == UP) {
		int n = wire_frame(rest, &body, &err);

		if (n == 0)
			break;
		if (n < 0 || wire_unpack(body, &msg, &err) < 0) {
			garbage(link, &err);
			return;
		}
		str_skip(&rest, (size_t)n);
		take(box, &msg);
	}
	if (!current(link))
		return;
	if (link->in.len != rest.len)
		memmove(link->in.ptr, rest.ptr, rest.len);
	link->in.len = rest.len;
}

/* As pull(), but what arrives is frames in link->in. */
static ssize_t read_more(struct link *link, struct err *err)
{
	struct err why = { 0 };

	if (!link->tls)
		return pull(link, &link->in, err);
	link->cipher.len = 0;
	ssize_t n = pull(link, &link->cipher, err);

	if (n <= 0)
		return n;
	int rc = box_tls_feed(link->tls, buf_get(&link->cipher), &link->in, &why);

	push(link);
	if (rc == 0)
		err_set(&why, ERR_TEMP, "closed by the peer");
	if (rc < 1)
		break_link(link, why.text);
	return n;
}

/* Stops at a short read: the socket is empty then, and poll tells of what follows. */
static void receive(struct link *link)
{
	struct box *box = link->box;
	struct err err = { 0 };
	ssize_t n, total = 0;

	do {
		n = read_more(link, &err);
		total += n > 0 ? n : 0;
		if (box->state == SECURING && box_tls_ready(link->tls) && !broken(link))
			link_up(link);
		if (current(link) && box->state == UP)
			hand_out(link);
	} while (n == CHUNK && total < FAIR && current(link) && box->state == UP);
	if (n < 0 && current(link))
		link_lost(link, err.text);
}

/* Closing with octets unread would reset the connection and could destroy what we
 * sent last: so shut our direction, and read on till the peer has closed its own. */
static void drain(struct link *link)
{
	struct err err;
	ssize_t n, total = 0;

	push(link);
	if (!broken(link) && !pending(link) && !link->finished) {
		link->finished = true;
		shutdown(link->fd, SHUT_WR);
	}
	do {
		link->cipher.len = 0;
		n = pull(link, &link->cipher, &err);
		total += n;
	} while (n == CHUNK && total < FAIR);
	if (n < 0)
		link_lost(link, broken(link) ? err.text : "closed by us");
}

static void begin_tls(struct link *link)
{
	struct err err;

	if (box_tls_new(link->box->conf, &link->tls, &err) < 0 ||
	    box_tls_feed(link->tls, str_n(NULL, 0), &link->in, &err) < 0) {
		link_lost(link, err.text);
		return;
	}
	push(link);
}

/* A port of the ephemeral range that nobody listens on can be met by our own socket. */
static bool met_itself(int fd)
{
	struct sockaddr_storage here = { 0 }, there = { 0 };
	socklen_t n = sizeof(here), m = sizeof(there);

	return getsockname(fd, (struct sockaddr *)&here, &n) == 0 &&
	       getpeername(fd, (struct sockaddr *)&there, &m) == 0 &&
	       n == m && memcmp(&here, &there, n) == 0;
}

static void connected(struct link *link)
{
	struct box *box = link->box;
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (!error && met_itself(link->fd))
		error = ECONNREFUSED;
	if (error == ECONNREFUSED)
		link_lost(link, "connection refused: does bearerbox run, with this smsbox-port?");
	else if (error)
		link_lost(link, strerror(error));
	else if (box->conf->tls) {
		enter(box, SECURING);
		begin_tls(link);
	} else {
		link_up(link);
	}
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct link *link = handle->data;
	struct box *box = link->box;

	if (status < 0)		/* libuv has stopped polling; the socket says why */
		link->events = 0;
	if (box->state == CONNECTING) {
		connected(link);
	} else if (box->state == DRAINING) {
		drain(link);
	} else {
		if (events & UV_WRITABLE)
			push(link);
		if (status < 0 || events & UV_READABLE)
			receive(link);
	}
	if (current(link))
		watch(link);
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
	drop_link(box);
	forget_addresses(box);
	uv_close((uv_handle_t *)&box->timer, timer_closed);
}

bool box_is_up(const struct box *box)
{
	return box->state == UP && !broken(box->link);
}

bool box_send(struct box *box, const struct box_msg *msg)
{
	if (!box_is_up(box))
		return false;
	wire_pack(box->link->tls ? &box->link->plain : &box->link->out, msg);
	return true;
}

void box_flush(struct box *box)
{
	if (box_is_up(box) && pending(box->link))
		push(box->link);
}

size_t box_unsent(const struct box *box)
{
	return box->link ? pending(box->link) : 0;
}

static void begin_drain(struct box *box)
{
	struct link *link = box->link;

	if (!broken(link)) {
		seal(link);
		if (link->tls) {
			box_tls_end(link->tls);
			box_tls_collect(link->tls, &link->out);
		}
	}
	enter(box, DRAINING);
	push(link);
	if (!broken(link) && !pending(link)) {
		link->finished = true;
		shutdown(link->fd, SHUT_WR);
	}
}

void box_close(struct box *box, bool reopen)
{
	box->reopen = box->reopen && reopen;
	if (box->state == UP) {
		begin_drain(box);
	} else if (!box->reopen && box->state != DRAINING && box->state != CLOSED) {
		enter(box, CLOSED);
		drop_link(box);
	}
}

void box_set_load(struct box *box, unsigned in_flight)
{
	box->load = in_flight;
}
