/* smsd - the daemon of the SMS business hall.
 *
 *   smsd [-c FILE] [--check]
 *
 * Reads its configuration (smsd.yaml(5)), then runs until SIGTERM or SIGINT, which finish
 * what is under way.  Exit status: 0 ended as asked, 1 could not start, 2 usage. */
#include <argp.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/http.h"
#include "base/crash.h"
#include "base/log.h"
#include "flow/hall.h"
#include "text/fold.h"

struct options {
	const char *conf;
	bool check;
};

static struct hall *hall;
static uv_signal_t on_term, on_int;

/* Tells systemd, when it started us (sd_notify(3)): one datagram. */
static void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (!path || strlen(path) >= sizeof(to.sun_path))
		return;
	strcpy(to.sun_path, path);
	if (*path == '@')
		to.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&to,
		   offsetof(struct sockaddr_un, sun_path) + strlen(path)) < 0)
		log_warn("notify", "why=\"cannot tell systemd\"");
	close(fd);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)handle;
	log_info("signal", "number=%d", number);
	hall_drain(hall);
}

static bool ready(void *arg, char *detail_r, size_t size)
{
	return hall_ready(arg, detail_r, size);
}

static int fail(const struct err *err)
{
	log_error("start_failed", "why=\"%s\"", err->text);
	return 1;
}

static int serve(const struct conf *conf)
{
	uv_loop_t *loop = uv_default_loop();
	struct http *http = NULL;
	struct err err;

	if (sodium_init() < 0) {
		err_set(&err, ERR_PERM, "libsodium does not start");
		return fail(&err);
	}
	if (fold_init(&err) < 0 || hall_new(loop, conf, &hall, &err) < 0)
		return fail(&err);
	if (conf->admin_port && http_new(loop, conf, ready, hall, &http, &err) < 0) {
		hall_free(&hall);
		return fail(&err);
	}
	uv_signal_init(loop, &on_term);
	uv_signal_init(loop, &on_int);
	uv_signal_start(&on_term, on_signal, SIGTERM);
	uv_signal_start(&on_int, on_signal, SIGINT);
	notify_ready();
	log_info("started", "instance=%s gateways=%u connections=%u", conf->instance, conf->ngateways,
		 conf->db_connections);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&on_term, NULL);
	uv_close((uv_handle_t *)&on_int, NULL);
	http_free(&http);
	hall_free(&hall);
	uv_loop_close(loop);
	log_info("ended", "instance=%s", conf->instance);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'c':
		o->conf = arg;
		return 0;
	case 'k':
		o->check = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_usage(state);
	}
	return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
	static const struct argp_option option[] = {
		{ "conf", 'c', "FILE", 0, "Configuration (default /etc/smshall/smsd.yaml)", 0 },
		{ "check", 'k', NULL, 0, "Check the configuration and end", 0 },
		{ 0 },
	};
	static const struct argp argp = { option, parse, NULL, "The daemon of the SMS business hall.", 0, 0, 0 };
	struct options o = { "/etc/smshall/smsd.yaml", false };
	struct conf conf;
	struct err err;

#ifdef SMSD_CRASH_POINTS
	if (argc == 2 && strcmp(argv[1], "--crash-points") == 0) {
		crash_list();
		return 0;
	}
#endif
	setlocale(LC_ALL, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0)
		return 2;
	if (conf_read(o.conf, &conf, stderr, &err) < 0)
		return fail(&err);
	log_level_set(conf.log_level);
	int status = o.check ? 0 : serve(&conf);
	conf_free(&conf);
	return status;
}
