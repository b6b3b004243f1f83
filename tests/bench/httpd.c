/* httpd - the service behind a stock smsbox in the benchmarks: answers every GET at once with the next of some
 * real answers and does no business, so that smsbox's rate is its own limit.
 * One thread; keeps connections alive as HTTP/1.1 has it.  Ends with 0 on SIGTERM or SIGINT, 1 when the port cannot
 * be had, 2 on wrong usage. */
#include <argp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "kannel/wire.h"
#include "replies.h"

enum { FAILED = 1, USAGE = 2, REQUEST_MAX = 16384, BACKLOG = 512 };

struct httpd {
	int port;
	const char *replies_path;
	struct replies *replies;
	uint64_t requests, connections;
};

struct client {
	uv_tcp_t tcp;
	struct httpd *httpd;
	struct buf in;
	struct buf out, writing;	/* made now; under way */
	uv_write_t write;
	bool busy, closing;
};

static void on_closed(uv_handle_t *handle)
{
	struct client *c = handle->data;

	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->writing);
	free(c);
}

static void hang_up(struct client *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void send_out(struct client *c);

static void on_written(uv_write_t *write, int status)
{
	struct client *c = write->data;

	c->busy = false;
	if (status < 0 || (c->closing && !c->out.len))
		hang_up(c);
	else
		send_out(c);
}

static void send_out(struct client *c)
{
	struct buf made = c->out;

	if (c->busy || !made.len || uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	c->out = c->writing;
	c->out.len = 0;
	c->writing = made;
	c->busy = true;
	c->write.data = c;
	uv_buf_t buf = uv_buf_init(made.ptr, made.len);
	if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) != 0)
		hang_up(c);
}

/* X-Kannel-Coding: without it smsbox takes the text for GSM 03.38 and Chinese becomes question marks. */
static void answer(struct client *c)
{
	const struct reply_line *line = replies_next(c->httpd->replies);

	c->httpd->requests++;
	buf_printf(&c->out, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\n"
		   "%sContent-Length: %zu\r\n\r\n",
		   line->coding == BOX_CODING_UCS2 ? "X-Kannel-Coding: 2\r\n" : "", line->text.len);
	buf_str(&c->out, line->text);
}

/* A GET has no body: a request ends with its empty line. */
static void take_requests(struct client *c)
{
	char *from = c->in.ptr, *end;
	size_t left = c->in.len;

	while ((end = memmem(from, left, "\r\n\r\n", 4)) != NULL) {
		size_t n = end + 4 - from;

		if (memmem(from, n, "Connection: close", 17))
			c->closing = true;
		answer(c);
		from += n;
		left -= n;
	}
	memmove(c->in.ptr, from, left);
	c->in.len = left;
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct client *c = handle->data;

	(void)suggested;
	buf_room(&c->in, REQUEST_MAX);
	*buf = uv_buf_init(c->in.ptr + c->in.len, c->in.cap - c->in.len);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *c = stream->data;

	(void)buf;
	if (n < 0) {
		hang_up(c);
		return;
	}
	c->in.len += n;
	take_requests(c);
	send_out(c);
	if (c->in.len > REQUEST_MAX)
		hang_up(c);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct httpd *httpd = server->data;
	struct client *c;

	if (status < 0)
		return;
	c = mem_alloc(sizeof(*c));
	c->httpd = httpd;
	httpd->connections++;
	uv_tcp_init(server->loop, &c->tcp);
	c->tcp.data = c;
	if (uv_accept(server, (uv_stream_t *)&c->tcp) != 0 ||
	    uv_read_start((uv_stream_t *)&c->tcp, give_room, on_read) != 0) {
		hang_up(c);
		return;
	}
	uv_tcp_nodelay(&c->tcp, 1);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static void close_all(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (uv_is_closing(handle))
		return;
	uv_close(handle, handle->type == UV_TCP && handle->data && handle->data != arg ? on_closed : NULL);
}

static void report(const struct httpd *httpd)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	double us = r.ru_utime.tv_sec * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_sec * 1e6 +
		    r.ru_stime.tv_usec;
	printf("{\"requests\":%lu,\"connections\":%lu,\"cpu_us_per_request\":%.1f}\n", httpd->requests,
	       httpd->connections, httpd->requests ? us / httpd->requests : 0);
}

static int run(struct httpd *httpd)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in address;
	uv_signal_t term, interrupt;
	uv_tcp_t server;
	int error;

	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(loop, &term);
	uv_signal_init(loop, &interrupt);
	uv_signal_start(&term, on_signal, SIGTERM);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	uv_ip4_addr("127.0.0.1", httpd->port, &address);
	uv_tcp_init(loop, &server);
	server.data = httpd;
	error = uv_tcp_bind(&server, (struct sockaddr *)&address, 0);
	if (!error)
		error = uv_listen((uv_stream_t *)&server, BACKLOG, on_connection);
	if (error)
		log_error("httpd_listen", "port=%d error=\"%s\"", httpd->port, uv_strerror(error));
	else
		uv_run(loop, UV_RUN_DEFAULT);
	report(httpd);
	uv_walk(loop, close_all, httpd);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	return error ? FAILED : 0;
}

static const struct argp_option option_list[] = {
	{ "port", 'p', "PORT", 0, "Where to listen, on 127.0.0.1" },
	{ "replies", 'R', "FILE", 0, "Answers to be given in turn: 0 or 1, tab, text" },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct httpd *httpd = state->input;

	switch (key) {
	case 'p':
		httpd->port = atoi(arg);
		break;
	case 'R':
		httpd->replies_path = arg;
		break;
	case ARGP_KEY_END:
		if (httpd->port < 1 || httpd->port > 65535)
			argp_error(state, "--port: a number from 1 to 65535 is wanted");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, parse, NULL, "A web service that answers every request at once.", NULL, NULL, NULL
};

int main(int argc, char **argv)
{
	struct httpd httpd = { 0 };
	struct err err;

	argp_err_exit_status = USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &httpd);
	httpd.replies = httpd.replies_path ? replies_read(httpd.replies_path, &err) :
					     replies_one("您的话费余额为50.00元。");
	if (!httpd.replies) {
		fprintf(stderr, "httpd: %s\n", err.text);
		return USAGE;
	}
	int status = run(&httpd);
	replies_free(&httpd.replies);
	return status;
}
