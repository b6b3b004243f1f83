/* http - see http.h.  libmicrohttpd has no thread of its own here: its epoll descriptor is watched
 * by the loop, and a timer gives it the moments that it asks for (time-outs of connections).  Pages
 * are made whole from memory, so a slow reader costs a connection and a buffer, never the loop. */
#include "admin/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"

enum { CONNECTIONS_MAX = 64, TIMEOUT_S = 10, CONNECTION_MEMORY = 16384, BACKLOG = 64 };

struct http {
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned open_handles;		/* of poll and timer; the memory goes with the last */
	http_ready_fn *ready;
	void *arg;
};

struct page {
	unsigned status;
	const char *type;
	struct buf body;
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

static const struct route {
	const char *path;
	void (*show)(struct http *http, struct page *page);
} routes[] = {
	{ "/healthz", healthz },
	{ "/readyz", readyz },
	{ "/metrics", metrics },
};

static const struct route *find_route(const char *path)
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
		buf_printf(&page->body, "%s\"%s\"", i ? ", " : "", routes[i].path);
	buf_z(&page->body, "]}\n");
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
	if (MHD_add_response_header(response, "Content-Type", page->type) == MHD_YES &&
	    MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
	    (page->status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	     MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES))
		result = MHD_queue_response(connection, page->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Answers at the first call, before any body is read: none of the pages wants one. */
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	struct page page = { .status = MHD_HTTP_OK };
	const struct route *route = find_route(path);

	(void)version, (void)upload, (void)upload_size, (void)request;
	if (!route) {
		not_found(&page);
	} else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		page.status = MHD_HTTP_METHOD_NOT_ALLOWED;
		page.type = json;
		buf_z(&page.body,
		      "{\"error\": \"only GET and HEAD\", \"allow\": [\"GET\", \"HEAD\"]}\n");
	} else {
		route->show(arg, &page);
	}
	return send_page(connection, &page);
}

static void on_timer(uv_timer_t *timer);

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
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer, http,
				MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
				MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
				MHD_OPTION_END);
}

int http_new(uv_loop_t *loop, const char *listen, int port, http_ready_fn *ready, void *arg,
	     struct http **http_r, struct err *err)
{
	int fd = listen_on(listen, port, err);

	if (fd < 0)
		return -1;
	struct http *http = mem_alloc(sizeof(*http));
	http->ready = ready;
	http->arg = arg;
	http->daemon = start_daemon(http, fd);
	if (!http->daemon) {
		close(fd);
		free(http);
		return err_set(err, ERR_PERM, "the HTTP server cannot start on %s port %d "
			       "(too few file descriptors? see ulimit -n)", listen, port);
	}
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	assert(info);
	http->open_handles = 2;
	http->poll.data = http->timer.data = http;
	uv_timer_init(loop, &http->timer);
	uv_poll_init(loop, &http->poll, info->epoll_fd);
	uv_poll_start(&http->poll, UV_READABLE, on_poll);
	*http_r = http;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (--http->open_handles == 0)
		free(http);
}

/* The loop has to turn once more before the memory is gone. */
void http_free(struct http **http)
{
	if (!*http)
		return;
	uv_poll_stop(&(*http)->poll);
	uv_timer_stop(&(*http)->timer);
	MHD_stop_daemon((*http)->daemon);
	uv_close((uv_handle_t *)&(*http)->poll, on_closed);
	uv_close((uv_handle_t *)&(*http)->timer, on_closed);
	*http = NULL;
}
