/* http - see http.h.  libmicrohttpd has no thread of its own here: its epoll descriptor is watched
 * by the loop, and a timer gives it the moments that it asks for (time-outs of connections).  Pages
 * are made whole from memory, so a slow reader costs a connection and a buffer, never the loop. */
#include "admin/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/api.h"
#include "admin/api_body.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"

enum { CONNECTIONS_MAX = 512, TIMEOUT_S = 10, CONNECTION_MEMORY = 16384, BACKLOG = 512,
       REQUEST_S = 60,			/* that a client may take to ask, and then to read */
       LOOK_MS = 1000,
       DISCARD_MAX = 32 << 20 };	/* of a refused body; then the connection is cut */

struct http {
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer, look;
	unsigned open_handles;		/* of poll and timers; the memory goes with the last */
	http_ready_fn *ready;
	void *arg;
	struct api *api;
	struct client *clients;
};

/* A connection; MHD knows only how long it was idle, and some clients are never idle for long. */
struct client {
	struct client *next, **prev;
	struct MHD_Connection *connection;
	struct exchange *exchange;	/* NULL: none is under way */
	uint64_t since_ms;
};

/* A request to the API.  A connection is suspended while its call waits. */
struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	struct call *call;
	bool suspended, begun;		/* begun: the head was seen, from now on it is the body */
	size_t discarded;
};

static const char json[] = "application/json";

static void healthz(struct http *http, struct page *page)
{
	(void)http;
	page->type = "text/plain; charset=utf-8";
	buf_z(&page->body, "ok\n");
}

static void readyz(struct http *http, struct page *page)
{
	char detail[1024] = "{}";

	page->status = http->ready(http->arg, detail, sizeof(detail)) ? 200 : 503;
	page->type = json;
	buf_printf(&page->body, "%s\n", detail);
}

static void metrics(struct http *http, struct page *page)
{
	(void)http;
	page->type = "text/plain; version=0.0.4; charset=utf-8";
	metric_text(&page->body);
}

static const struct shown {
	const char *path;
	void (*show)(struct http *http, struct page *page);
} routes[] = {
	{ "/healthz", healthz },
	{ "/readyz", readyz },
	{ "/metrics", metrics },
};

static const struct shown *find_page(const char *path)
{
	for (unsigned i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (strcmp(routes[i].path, path) == 0)
			return &routes[i];
	return NULL;
}

static void not_found(struct page *page)
{
	page->status = MHD_HTTP_NOT_FOUND;
	page->type = json;
	buf_z(&page->body, "{\"error\": \"there is no such page\", \"pages\": [");
	for (unsigned i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		buf_printf(&page->body, "\"%s\", ", routes[i].path);
	buf_z(&page->body, "\"/api/v1\"]}\n");
}

static bool add_headers(struct MHD_Response *response, const struct page *page)
{
	char number[16], file[128];
	bool ok = MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES;

	snprintf(number, sizeof(number), "%u", page->retry_s);
	snprintf(file, sizeof(file), "attachment; filename=\"%s\"", page->file ? page->file : "");
	const struct { const char *name, *value; } header[] = {
		{ "Content-Type", page->type },
		{ "X-Request-Id", *page->request ? page->request : NULL },
		{ "Allow", *page->allow ? page->allow : NULL },
		{ "Retry-After", page->retry_s ? number : NULL },
		{ "WWW-Authenticate", page->authenticate ? "Bearer realm=\"smshall\"" : NULL },
		{ "Content-Disposition", page->file ? file : NULL },
	};
	for (unsigned i = 0; i < sizeof(header) / sizeof(*header); i++)
		if (header[i].value)
			ok &= MHD_add_response_header(response, header[i].name, header[i].value) == MHD_YES;
	return ok;
}

static enum MHD_Result send_page(struct MHD_Connection *connection, struct page *page)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		page->body.len, page->body.ptr, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result = MHD_NO;

	if (!response) {
		buf_free(&page->body);
		return MHD_NO;
	}
	page->body = (struct buf){ 0 };
	if (add_headers(response, page))
		result = MHD_queue_response(connection, page->status, response);
	MHD_destroy_response(response);
	return result;
}

/* ---- the API */

static enum MHD_Result put_argument(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	json_t **query = arg;
	struct buf key = { 0 }, text = { 0 };

	(void)kind;
	buf_room(&key, strlen(name) + 1);
	buf_room(&text, strlen(value ? value : "") + 1);
	/* the same name twice would be one that is not looked at */
	if (!api_decode(str_z(name), key.ptr) || !api_decode(str_z(value ? value : ""), text.ptr) ||
	    json_object_get(*query, key.ptr) || json_object_set_new(*query, key.ptr, json_string(text.ptr)) < 0) {
		json_decref(*query);
		*query = NULL;
	}
	buf_free(&key);
	buf_free(&text);
	return *query ? MHD_YES : MHD_NO;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static int64_t length_of(struct MHD_Connection *connection)
{
	const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING))
		return API_LENGTH_CHUNKED;
	return length ? strtoll(length, NULL, 10) : API_LENGTH_NONE;
}

static void address_of(struct MHD_Connection *connection, char *out, size_t size)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	*out = '\0';
	if (info && info->client_addr->sa_family == AF_INET)
		uv_ip4_name((const struct sockaddr_in *)info->client_addr, out, size);
	else if (info && info->client_addr->sa_family == AF_INET6)
		uv_ip6_name((const struct sockaddr_in6 *)info->client_addr, out, size);
}

static struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void on_timer(uv_timer_t *timer);

/* The database has answered.  What is resumed goes on at MHD's next turn, which nothing but we makes come. */
static void on_call_ready(void *arg)
{
	struct exchange *x = arg;

	struct client *client = client_of(x->connection);

	if (!x->suspended)
		return;
	x->suspended = false;
	if (client)
		client->since_ms = uv_hrtime() / 1000000;	/* what we took is not the client's time */
	MHD_resume_connection(x->connection);
	uv_timer_start(&x->http->timer, on_timer, 0, 0);
}

static enum MHD_Result wait_or_go(struct exchange *x)
{
	if (call_state(x->call) == CALL_WAITS) {
		x->suspended = true;
		MHD_suspend_connection(x->connection);
	}
	return MHD_YES;
}

static enum MHD_Result begin_exchange(struct http *http, struct MHD_Connection *connection, const char *path,
				      const char *method, void **request)
{
	struct exchange *x = mem_alloc(sizeof(*x));
	struct client *client = client_of(connection);
	char from[INET6_ADDRSTRLEN];
	json_t *query = json_object();

	*request = x;
	if (client)
		client->exchange = x;
	x->http = http;
	x->connection = connection;
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, put_argument, &query);
	address_of(connection, from, sizeof(from));
	x->call = call_new(http->api, &(struct api_head){
		.method = method, .path = path, .query = query, .from = from, .length = length_of(connection),
		.type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
		.authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
	}, x);
	return wait_or_go(x);
}

/* A refusal is said before the body only where that spares reading it; the connection ends then.  Elsewhere the body is read
 * and dropped, for the client hears nothing while it sends. */
static bool say_early(struct exchange *x)
{
	int64_t length = length_of(x->connection);

	return call_state(x->call) == CALL_ANSWERED &&
	       (length > DISCARD_MAX || (length != 0 && header(x->connection, MHD_HTTP_HEADER_EXPECT)));
}

static enum MHD_Result go_on(struct exchange *x, const char *upload, size_t *upload_size)
{
	if (*upload_size) {
		if (call_state(x->call) == CALL_ANSWERED)
			x->discarded += *upload_size;
		call_body(x->call, upload, *upload_size);
		*upload_size = 0;
		return x->discarded > DISCARD_MAX ? MHD_NO : wait_or_go(x);
	}
	if (call_state(x->call) == CALL_READS)
		call_end(x->call);
	if (call_state(x->call) == CALL_ANSWERED)
		return send_page(x->connection, call_page(x->call));
	return wait_or_go(x);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode why)
{
	struct client *client = client_of(connection);
	struct exchange *x = *request;

	(void)arg, (void)why;
	if (client) {
		client->since_ms = uv_hrtime() / 1000000;
		client->exchange = NULL;
	}
	if (!x)
		return;
	call_free(&x->call);
	free(x);
	*request = NULL;
}

/* ---- pages */

static void method_not_allowed(struct page *page)
{
	page->status = MHD_HTTP_METHOD_NOT_ALLOWED;
	page->type = json;
	snprintf(page->allow, sizeof(page->allow), "GET, HEAD");
	buf_z(&page->body, "{\"error\": \"only GET and HEAD\", \"allow\": [\"GET\", \"HEAD\"]}\n");
}

/* The pages answer at the first call, before any body is read: none of them wants one.  The API's calls are told head, body and
 * end one after the other: MHD calls again after each, and once more for the head when that had to wait. */
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	struct page page = { .status = MHD_HTTP_OK };
	const struct shown *route = find_page(path);
	struct exchange *x = *request;

	(void)version;
	if (!x && api_is_path(path)) {
		enum MHD_Result result = begin_exchange(arg, connection, path, method, request);

		x = *request;
		if (x->suspended)
			return result;
	}
	if (x && !x->begun) {
		x->begun = true;
		return say_early(x) ? send_page(connection, call_page(x->call)) : MHD_YES;
	}
	if (x)
		return go_on(x, upload, upload_size);
	if (!route)
		not_found(&page);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		method_not_allowed(&page);
	else
		route->show(arg, &page);
	return send_page(connection, &page);
}

static void run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &ms) == MHD_YES)
		uv_timer_start(&http->timer, on_timer, ms, 0);
	else
		uv_timer_stop(&http->timer);
}

static void on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status, (void)events;
	run(poll->data);
}

/* Whoever takes longer than a request may take, however busily, is cut off. */
static void on_look(uv_timer_t *timer)
{
	struct http *http = timer->data;
	uint64_t now = uv_hrtime() / 1000000;

	for (struct client *c = http->clients; c; c = c->next) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

		if (now < c->since_ms + REQUEST_S * 1000 || !info || (c->exchange && c->exchange->suspended))
			continue;
		log_warn("http_slow", "fd=%d seconds=%d", (int)info->connect_fd, REQUEST_S);
		shutdown(info->connect_fd, SHUT_RDWR);
		c->since_ms = now;
	}
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http *http = arg;
	struct client *c = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		c = mem_alloc(sizeof(*c));
		*c = (struct client){ http->clients, &http->clients, connection, NULL, uv_hrtime() / 1000000 };
		if (c->next)
			c->next->prev = &c->next;
		http->clients = c;
		*context = c;
	} else if (c) {
		*c->prev = c->next;
		if (c->next)
			c->next->prev = c->prev;
		free(c);
		*context = NULL;
	}
	if (http->clients && !uv_is_active((uv_handle_t *)&http->look))
		uv_timer_start(&http->look, on_look, LOOK_MS, LOOK_MS);
	else if (!http->clients)
		uv_timer_stop(&http->look);
}

/* The API decodes what it cuts out of a path itself: a key may hold a %2F. */
static size_t leave_encoded(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg, (void)connection;
	return strlen(text);
}

static void on_mhd_log(void *arg, const char *format, va_list ap)
{
	char text[512];

	(void)arg;
	vsnprintf(text, sizeof(text), format, ap);
	log_debug("http", "note=\"%s\"", text);
}

/* Our own socket instead of libmicrohttpd's, which does not say why it failed. */
static int listen_on(const char *address, int port, struct err *err)
{
	struct sockaddr_storage any = { 0 };
	int one = 1;

	if (uv_ip4_addr(address, port, (struct sockaddr_in *)&any) != 0 &&
	    uv_ip6_addr(address, port, (struct sockaddr_in6 *)&any) != 0)
		return err_set(err, ERR_PERM,
			       "admin.listen: \"%s\" is no IP address (write 127.0.0.1 or ::1)",
			       address);
	int fd = socket(any.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, ERR_PERM, "admin port: no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* the whole storage is longer than either kind needs, which bind() does not mind */
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, BACKLOG) < 0) {
		const char *remedy =
			errno == EADDRINUSE ? "another program has it; choose another admin.port, or 0" :
			errno == EACCES ? "ports below 1024 are root's; choose another admin.port" :
			"admin.listen must be an address of this machine";
		err_set(err, ERR_PERM, "cannot listen on %s port %d: %s (%s)", address, port,
			strerror(errno), remedy);
		close(fd);
		return -1;
	}
	return fd;
}

static struct MHD_Daemon *start_daemon(struct http *http, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer, http,
				MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
				MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
				MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
				MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
				MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
				MHD_OPTION_END);
}

static void on_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (--http->open_handles == 0)
		free(http);
}

int http_new(uv_loop_t *loop, const struct conf *conf, http_ready_fn *ready, void *arg, struct http **http_r,
	     struct err *err)
{
	int fd = listen_on(conf->admin_listen, conf->admin_port, err);

	if (fd < 0)
		return -1;
	struct http *http = mem_alloc(sizeof(*http));
	http->ready = ready;
	http->arg = arg;
	uv_timer_init(loop, &http->look);
	http->look.data = http;
	http->daemon = start_daemon(http, fd);
	if (!http->daemon) {
		close(fd);
		http->open_handles = 1;
		uv_close((uv_handle_t *)&http->look, on_closed);
		return err_set(err, ERR_PERM, "the HTTP server cannot start on %s port %d "
			       "(too few file descriptors? see ulimit -n)", conf->admin_listen, conf->admin_port);
	}
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	assert(info);
	http->api = api_new(loop, conf, on_call_ready);
	http->open_handles = 3;
	http->poll.data = http->timer.data = http;
	uv_timer_init(loop, &http->timer);
	uv_poll_init(loop, &http->poll, info->epoll_fd);
	uv_poll_start(&http->poll, UV_READABLE, on_poll);
	*http_r = http;
	return 0;
}

/* The loop has to turn once more before the memory is gone. */
void http_free(struct http **http)
{
	if (!*http)
		return;
	uv_poll_stop(&(*http)->poll);
	api_stop((*http)->api);
	MHD_run((*http)->daemon);	/* MHD must not be stopped while a connection is suspended */
	MHD_stop_daemon((*http)->daemon);
	uv_timer_stop(&(*http)->timer);
	uv_timer_stop(&(*http)->look);
	api_free(&(*http)->api);
	uv_close((uv_handle_t *)&(*http)->look, on_closed);
	uv_close((uv_handle_t *)&(*http)->poll, on_closed);
	uv_close((uv_handle_t *)&(*http)->timer, on_closed);
	*http = NULL;
}
