/* link - see link.h.
 * TCP_QUICKACK is armed again after every read: the peer (Kannel) runs Nagle's algorithm, and
 * with delayed acknowledgements each of its small writes would wait up to 40 ms. */
#include "link.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"

enum { READ_SIZE = 65536, UNSENT_MAX = 64 << 20 };

struct link {
	uv_tcp_t tcp;
	const struct link_events *events;
	void *arg;
	int fd;
	struct buf in, out;
	struct buf sending;	/* what a pending uv_write still points into */
	uv_write_t write;
	bool closing;
};

static void closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	buf_free(&link->in);
	buf_free(&link->out);
	buf_free(&link->sending);
	free(link);
}

static void shut(struct link *link)
{
	link->closing = true;
	uv_close((uv_handle_t *)&link->tcp, closed);
}

static void fail(struct link *link, const char *why)
{
	if (link->closing)
		return;
	link->events->closed(link->arg, why);
	if (!link->closing)
		shut(link);
}

static void alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct link *link = handle->data;

	(void)suggested;
	buf_room(&link->in, READ_SIZE);
	*buf = uv_buf_init(link->in.ptr + link->in.len, link->in.cap - link->in.len);
}

static void frames(struct link *link)
{
	struct str rest = buf_get(&link->in);
	struct smpp_head head;
	struct str body;
	struct err err;
	int n = 0;

	while (!link->closing && (n = smpp_frame(rest, &head, &body, &err)) > 0) {
		link->events->pdu(link->arg, &head, body);
		str_skip(&rest, n);
	}
	if (n < 0) {
		log_warn("smpp_garbage", "error=\"%s\"", err.text);
		fail(link, "garbage");
	}
	if (rest.len && rest.len < link->in.len)
		memmove(link->in.ptr, rest.ptr, rest.len);
	link->in.len = rest.len;
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct link *link = stream->data;
	int on = 1;

	(void)buf;
	if (n < 0) {
		fail(link, n == UV_EOF ? "peer closed" : uv_strerror(n));
		return;
	}
	setsockopt(link->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	link->in.len += n;
	frames(link);
}

struct link *link_accept(uv_stream_t *listener, const struct link_events *events)
{
	struct link *link = mem_alloc(sizeof(*link));
	uv_os_fd_t fd;

	link->events = events;
	uv_tcp_init(listener->loop, &link->tcp);
	link->tcp.data = link;
	if (uv_accept(listener, (uv_stream_t *)&link->tcp) < 0 ||
	    uv_fileno((uv_handle_t *)&link->tcp, &fd) < 0) {
		shut(link);
		return NULL;
	}
	link->fd = fd;
	uv_tcp_nodelay(&link->tcp, 1);
	uv_read_start((uv_stream_t *)&link->tcp, alloc, got);
	return link;
}

void link_owner(struct link *link, void *arg)
{
	link->arg = arg;
}

struct buf *link_out(struct link *link)
{
	return &link->out;
}

static void written(uv_write_t *req, int status)
{
	struct link *link = req->data;

	link->sending.len = 0;
	if (status < 0)
		fail(link, uv_strerror(status));
	else
		link_flush(link);
}

/* The socket is full: the rest goes when it can, and new octets meet in the other buffer. */
static void write_rest(struct link *link, size_t taken)
{
	struct buf empty = link->sending;

	link->sending = link->out;
	link->out = empty;
	uv_buf_t buf = uv_buf_init(link->sending.ptr + taken, link->sending.len - taken);
	link->write.data = link;
	if (uv_write(&link->write, (uv_stream_t *)&link->tcp, &buf, 1, written) < 0)
		fail(link, "cannot write");
}

void link_flush(struct link *link)
{
	if (!link->out.len || link->closing)
		return;
	if (link->sending.len) {
		if (link->out.len > UNSENT_MAX)
			fail(link, "peer does not read");
		return;
	}
	uv_buf_t buf = uv_buf_init(link->out.ptr, link->out.len);
	int n = uv_try_write((uv_stream_t *)&link->tcp, &buf, 1);
	if (n < 0 && n != UV_EAGAIN) {
		fail(link, uv_strerror(n));
		return;
	}
	if (n == (int)link->out.len)
		link->out.len = 0;
	else
		write_rest(link, n < 0 ? 0 : n);
}

void link_close(struct link **link)
{
	struct link *l = *link;

	*link = NULL;
	if (!l || l->closing)
		return;
	l->closing = true;		/* a failing last write must not tell */
	if (l->out.len && !l->sending.len) {
		uv_buf_t buf = uv_buf_init(l->out.ptr, l->out.len);

		uv_try_write((uv_stream_t *)&l->tcp, &buf, 1);
	}
	uv_close((uv_handle_t *)&l->tcp, closed);
}
