/* box_link - see box_link.h. */
#include "kannel/box_link.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kannel/box_tls.h"

enum {
	KEEP_IDLE_S = 20, KEEP_EACH_S = 10, KEEP_COUNT = 4,
	SILENT_MS = 60000,		/* the same limit where data is unacknowledged */
};

static void set(int fd, int level, int option, int value)
{
	/* Each only makes the link better; where one is refused the link still works. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static void tune(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EACH_S);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SILENT_MS);
}

/* Kannel leaves Nagle on, so each frame of it would wait for a delayed ack; the kernel
 * forgets this by itself. */
static void ack_quickly(int fd)
{
	set(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

static int open_socket(const struct addrinfo *to, struct err *err)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(err, ERR_TEMP, "socket: %s", strerror(errno));
	tune(fd);
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS)
		return fd;
	err_set(err, ERR_TEMP, "%s", strerror(errno));
	close(fd);
	return -1;
}

int box_link_open(uv_loop_t *loop, const struct addrinfo *to, uv_poll_cb on_poll, void *owner,
		  struct box_link **link_r, struct err *err)
{
	int fd = open_socket(to, err);

	if (fd < 0)
		return -1;
	struct box_link *link = mem_alloc(sizeof(*link));
	int rc = uv_poll_init(loop, &link->poll, fd);

	if (rc < 0) {
		close(fd);
		free(link);
		return err_set(err, ERR_TEMP, "poll: %s", uv_strerror(rc));
	}
	link->poll.data = link;
	link->on_poll = on_poll;
	link->owner = owner;
	link->fd = fd;
	link->connecting = true;
	box_link_watch(link);
	*link_r = link;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	struct box_link *link = handle->data;

	box_tls_free(&link->tls);
	buf_free(&link->cipher);
	buf_free(&link->in);
	buf_free(&link->plain);
	buf_free(&link->out);
	free(link);
}

void box_link_drop(struct box_link **link)
{
	if (!*link)
		return;
	uv_close((uv_handle_t *)&(*link)->poll, closed);
	close((*link)->fd);
	*link = NULL;
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

int box_link_connected(struct box_link *link, struct err *err)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (!error && met_itself(link->fd))
		error = ECONNREFUSED;
	if (error == ECONNREFUSED)
		return err_set(err, ERR_TEMP, "connection refused: does bearerbox run, "
			       "with this smsbox-port?");
	if (error)
		return err_set(err, ERR_TEMP, "%s", strerror(error));
	link->connecting = false;
	ack_quickly(link->fd);
	return 0;
}

int box_link_secure(struct box_link *link, const struct box_conf *conf, struct err *err)
{
	if (box_tls_new(conf, &link->tls, err) < 0 ||
	    box_tls_feed(link->tls, str_n(NULL, 0), &link->in, err) < 0)
		return -1;
	box_link_push(link);
	return 0;
}

bool box_link_secured(const struct box_link *link)
{
	return !link->tls || box_tls_ready(link->tls);
}

bool box_link_broken(const struct box_link *link)
{
	return link->broken.class != ERR_NONE;
}

size_t box_link_pending(const struct box_link *link)
{
	return link->plain.len + link->out.len - link->sent;
}

void box_link_pack(struct box_link *link, const struct box_msg *msg)
{
	wire_pack(link->tls ? &link->plain : &link->out, msg);
}

void box_link_watch(struct box_link *link)
{
	int events = link->resting ? 0 : UV_READABLE;

	if (link->connecting)
		events = UV_WRITABLE;
	else if (box_link_pending(link))
		events |= UV_WRITABLE;
	if (events == link->events)
		return;
	link->events = events;
	uv_poll_start(&link->poll, events, link->on_poll);
}

/* The end is left to the reading side: what the peer had sent before is still there,
 * acknowledgements among it, and nobody who only writes expects to be called back. */
static void break_link(struct box_link *link, const char *why)
{
	err_set(&link->broken, ERR_TEMP, "%s", why);
	link->plain.len = link->out.len = link->sent = 0;
	shutdown(link->fd, SHUT_RDWR);
}

static void seal(struct box_link *link)
{
	struct err err;

	if (!link->tls)
		return;
	if (link->plain.len && box_tls_seal(link->tls, buf_get(&link->plain), &err) < 0) {
		break_link(link, err.text);
		return;
	}
	link->plain.len = 0;
	box_tls_collect(link->tls, &link->out);
}

static void forget_sent(struct box_link *link)
{
	struct buf *out = &link->out;

	/* Moving the rest each time would cost the square of a long backlog. */
	if (link->sent < out->len && (link->sent < BOX_LINK_CHUNK || link->sent < out->len / 2))
		return;
	out->len -= link->sent;
	memmove(out->ptr, out->ptr + link->sent, out->len);
	link->sent = 0;
}

static void send_some(struct box_link *link)
{
	ssize_t n = send(link->fd, link->out.ptr + link->sent, link->out.len - link->sent,
			 MSG_NOSIGNAL);

	if (n >= 0) {
		link->sent += (size_t)n;
		forget_sent(link);
	} else if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS && errno != ENOMEM) {
		break_link(link, strerror(errno));
	}
}

void box_link_push(struct box_link *link)
{
	if (box_link_broken(link))
		return;
	seal(link);
	if (link->out.len > link->sent)
		send_some(link);
	if (link->ending && !link->finished && !box_link_pending(link)) {
		link->finished = true;
		shutdown(link->fd, SHUT_WR);
	}
	box_link_watch(link);
}

void box_link_end(struct box_link *link)
{
	if (link->tls && !box_link_broken(link)) {
		seal(link);
		box_tls_end(link->tls);
	}
	link->ending = true;
	box_link_push(link);
}

static ssize_t pull(struct box_link *link, struct buf *to, struct err *err)
{
	buf_room(to, BOX_LINK_CHUNK);
	ssize_t n = recv(link->fd, to->ptr + to->len, BOX_LINK_CHUNK, 0);

	if (n > 0) {
		ack_quickly(link->fd);
		to->len += (size_t)n;
		return n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (box_link_broken(link))
		return err_set(err, ERR_TEMP, "%s", link->broken.text);
	if (n < 0)
		return err_set(err, ERR_TEMP, "%s", strerror(errno));
	return err_set(err, ERR_TEMP, "closed by the peer");
}

ssize_t box_link_discard(struct box_link *link, struct err *err)
{
	link->cipher.len = 0;
	return pull(link, &link->cipher, err);
}

/* A failure is told by the next read, after the alert has gone and what had been good
 * was handed out. */
static void decipher(struct box_link *link)
{
	struct err why = { 0 };
	int rc = box_tls_feed(link->tls, buf_get(&link->cipher), &link->in, &why);

	if (rc == 0)
		err_set(&why, ERR_TEMP, "closed by the peer");
	box_link_push(link);
	if (rc < 1 && !box_link_broken(link))
		break_link(link, why.text);
}

ssize_t box_link_read(struct box_link *link, struct err *err)
{
	ssize_t n;

	if (!link->tls)
		return pull(link, &link->in, err);
	n = box_link_discard(link, err);
	if (n > 0)
		decipher(link);
	return n;
}
