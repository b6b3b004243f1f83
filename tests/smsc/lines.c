/* lines - see lines.h. */
#include "lines.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/log.h"

enum { LINE_MAX_OCTETS = 1 << 20, READ_SIZE = 65536, UNREAD_MAX = 16 << 20, BACKLOG = 256 };

struct lines_client {
	struct lines_client *next;
	struct lines *lines;
	uv_tcp_t tcp;
	uv_write_t write;
	struct buf in, out, sending;
	void *data;
	bool hang_up, closing;
};

struct lines {
	uv_tcp_t listener;
	uv_prepare_t prepare;
	const struct lines_events *events;
	void *arg;
	struct lines_client *clients;
	int port, closing;
};

static void client_closed(uv_handle_t *handle)
{
	struct lines_client *client = handle->data;

	buf_free(&client->in);
	buf_free(&client->out);
	buf_free(&client->sending);
	free(client);
}

static void drop(struct lines_client *client)
{
	struct lines_client **at = &client->lines->clients;

	if (client->closing)
		return;
	client->closing = true;
	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->lines->events->gone(client->data);
	uv_close((uv_handle_t *)&client->tcp, client_closed);
}

static void alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct lines_client *client = handle->data;

	(void)suggested;
	buf_room(&client->in, READ_SIZE);
	*buf = uv_buf_init(client->in.ptr + client->in.len, client->in.cap - client->in.len);
}

static void split(struct lines_client *client)
{
	struct str rest = buf_get(&client->in);
	const char *end;

	while (!client->closing && (end = memchr(rest.ptr, '\n', rest.len))) {
		struct str line = str_n(rest.ptr, end - rest.ptr);

		str_skip(&rest, line.len + 1);
		if (str_ends(line, STR("\r")))
			line.len--;
		client->lines->events->line(client->data, line);
	}
	if (rest.len < client->in.len)
		memmove(client->in.ptr, rest.ptr, rest.len);
	client->in.len = rest.len;
	if (rest.len > LINE_MAX_OCTETS)
		drop(client);
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct lines_client *client = stream->data;

	(void)buf;
	if (n < 0) {
		drop(client);
		return;
	}
	client->in.len += n;
	split(client);
}

static void flush(struct lines_client *client);

static void written(uv_write_t *req, int status)
{
	struct lines_client *client = req->data;

	client->sending.len = 0;
	if (status < 0)
		drop(client);
	else
		flush(client);
}

static void write_rest(struct lines_client *client, size_t taken)
{
	struct buf empty = client->sending;

	client->sending = client->out;
	client->out = empty;
	uv_buf_t buf = uv_buf_init(client->sending.ptr + taken, client->sending.len - taken);
	client->write.data = client;
	if (uv_write(&client->write, (uv_stream_t *)&client->tcp, &buf, 1, written) < 0)
		drop(client);
}

static void flush(struct lines_client *client)
{
	if (client->closing || client->sending.len) {
		if (client->out.len > UNREAD_MAX && !client->closing) {
			log_warn("control_client_slow", "unread=%zu", client->out.len);
			drop(client);
		}
		return;
	}
	if (client->out.len) {
		uv_buf_t buf = uv_buf_init(client->out.ptr, client->out.len);
		int n = uv_try_write((uv_stream_t *)&client->tcp, &buf, 1);

		if (n < 0 && n != UV_EAGAIN) {
			drop(client);
			return;
		}
		if (n != (int)client->out.len) {
			write_rest(client, n < 0 ? 0 : n);
			return;
		}
		client->out.len = 0;
	}
	if (client->hang_up)
		drop(client);
}

static void before_sleep(uv_prepare_t *prepare)
{
	struct lines *lines = prepare->data;

	for (struct lines_client *client = lines->clients, *next; client; client = next) {
		next = client->next;
		flush(client);
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct lines *lines = listener->data;

	if (status < 0)
		return;
	struct lines_client *client = mem_alloc(sizeof(*client));
	client->lines = lines;
	uv_tcp_init(listener->loop, &client->tcp);
	client->tcp.data = client;
	if (uv_accept(listener, (uv_stream_t *)&client->tcp) < 0) {
		uv_close((uv_handle_t *)&client->tcp, client_closed);
		return;
	}
	uv_tcp_nodelay(&client->tcp, 1);
	client->next = lines->clients;
	lines->clients = client;
	client->data = lines->events->came(lines->arg, client);
	uv_read_start((uv_stream_t *)&client->tcp, alloc, got);
}

static void never(uv_handle_t *handle)
{
	free(handle->data);
}

struct lines *lines_new(uv_loop_t *loop, int port, const struct lines_events *events, void *arg,
			struct err *err)
{
	struct lines *lines = mem_alloc(sizeof(*lines));
	struct sockaddr_in at;
	int len = sizeof(at), rc;

	lines->events = events;
	lines->arg = arg;
	uv_tcp_init(loop, &lines->listener);
	lines->listener.data = lines;
	uv_ip4_addr("127.0.0.1", port, &at);
	rc = uv_tcp_bind(&lines->listener, (struct sockaddr *)&at, 0);
	if (!rc)
		rc = uv_listen((uv_stream_t *)&lines->listener, BACKLOG, on_connection);
	if (rc) {
		uv_close((uv_handle_t *)&lines->listener, never);
		err_set(err, ERR_PERM, "cannot listen for control on 127.0.0.1:%d: %s "
			"(give another port)", port, uv_strerror(rc));
		return NULL;
	}
	uv_tcp_getsockname(&lines->listener, (struct sockaddr *)&at, &len);
	lines->port = ntohs(at.sin_port);
	uv_prepare_init(loop, &lines->prepare);
	lines->prepare.data = lines;
	uv_prepare_start(&lines->prepare, before_sleep);
	return lines;
}

static void closed(uv_handle_t *handle)
{
	struct lines *lines = handle->data;

	if (!--lines->closing)
		free(lines);
}

void lines_free(struct lines **lines)
{
	struct lines *l = *lines;

	*lines = NULL;
	if (!l)
		return;
	while (l->clients)
		drop(l->clients);
	l->closing = 2;
	uv_close((uv_handle_t *)&l->listener, closed);
	uv_close((uv_handle_t *)&l->prepare, closed);
}

int lines_port(const struct lines *lines)
{
	return lines->port;
}

struct buf *lines_out(struct lines_client *client)
{
	return &client->out;
}

void lines_hang_up(struct lines_client *client)
{
	client->hang_up = true;
}

void lines_escape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.ptr[i]) {
		case '\n':
			buf_z(out, "\\n");
			break;
		case '\t':
			buf_z(out, "\\t");
			break;
		case '\r':
			buf_z(out, "\\r");
			break;
		case '\\':
			buf_z(out, "\\\\");
			break;
		default:
			buf_char(out, text.ptr[i]);
		}
	}
}

void lines_unescape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '\\' && i + 1 < text.len) {
			c = text.ptr[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
		}
		buf_char(out, c);
	}
}
