/* phone - see phone.h.
 * With texts, or with stdin that is no terminal, it is a filter for scripts; on a terminal it is a
 * small conversation, where answers appear above the line that is being typed. */
#include "ctl/phone.h"

#include <argp.h>
#include <errno.h>
#include <histedit.h>
#include <jansson.h>
#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/str.h"

enum { DONE = 0, FAILED = 1, USAGE = 2 };
enum { READ_SIZE = 65536, PORT_MAX = 20, NEVER = -1, HISTORY_LINES = 200 };

struct phone {
	const char *number, *to, *smsc;
	double settle, timeout;
	bool json, terminal;
	char smsc_found[128];
	struct buf words;		/* the text of the command line */
	bool has_text;

	int fd;
	struct buf in;
	EditLine *edit;			/* while a conversation is on */
	bool drawn_over;		/* its line has to be drawn again */
	char prompt[48];

	/* of the text that was sent last */
	double sent_at, answered_at;	/* seconds; 0: not yet */
	unsigned answers;
	bool accepted, gone;
	char refused[256];		/* why it never will be, or has to wait */
	bool final;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* ---- the control protocol ---- */

static void escape(struct buf *out, struct str text)
{
	static const char from[] = "\n\t\r\\", to[] = "ntr\\";

	for (size_t i = 0; i < text.len; i++) {
		const char *at = text.ptr[i] ? strchr(from, text.ptr[i]) : NULL;

		if (at) {
			buf_char(out, '\\');
			buf_char(out, to[at - from]);
		} else {
			buf_char(out, text.ptr[i]);
		}
	}
}

static void unescape(struct buf *out, struct str text)
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

static struct str word(struct str *line)
{
	const char *end = memchr(line->ptr, ' ', line->len);
	struct str w = str_n(line->ptr, end ? (size_t)(end - line->ptr) : line->len);

	str_skip(line, w.len + (end != NULL));
	return w;
}

static unsigned long long figure(struct str s)
{
	unsigned long long n = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
		n = n * 10 + (s.ptr[i] - '0');
	return n;
}

static int put(struct phone *phone, struct buf *line)
{
	size_t sent = 0;

	buf_char(line, '\n');
	while (sent < line->len) {
		ssize_t n = send(phone->fd, line->ptr + sent, line->len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "phone: the message centre at %s is gone: %m\n",
				phone->smsc);
			return -1;
		}
		sent += n;
	}
	return 0;
}

static int send_text(struct phone *phone, struct str text)
{
	struct buf line = { 0 };

	phone->sent_at = now();
	phone->answered_at = 0;
	phone->answers = 0;
	phone->accepted = phone->final = false;
	*phone->refused = '\0';
	buf_printf(&line, "SEND %s %s ", phone->number, phone->to);
	escape(&line, text);
	int rc = put(phone, &line);
	buf_free(&line);
	return rc;
}

/* ---- showing ---- */

static void show_json(struct str to, struct str from, unsigned segments, struct str coding,
		      unsigned long long at, struct str text)
{
	json_t *answer = json_pack("{s:s%,s:s%,s:i,s:s%,s:I,s:s%}", "to", to.ptr, to.len, "from",
				   from.ptr, from.len, "segments", segments, "coding", coding.ptr,
				   coding.len, "at", (json_int_t)at, "text", text.ptr, text.len);
	char *out = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

	if (out)
		puts(out);
	free(out);
	json_decref(answer);
}

static void show(const struct phone *phone, struct str from, unsigned segments, struct str text)
{
	if (!phone->terminal) {
		printf("%.*s\n", STR_ARG(text));
		return;
	}
	if (phone->edit)
		printf("\r\033[K");	/* over the line being typed; it is drawn again below */
	printf("%.*s ▸ %.*s \033[2m(%u segment%s)\033[m\n", STR_ARG(from), STR_ARG(text),
	       segments, segments == 1 ? "" : "s");
}

/* to from segments coding unix-ms text */
static void on_answer(struct phone *phone, struct str line)
{
	struct str to = word(&line), from = word(&line), segments = word(&line);
	struct str coding = word(&line), at = word(&line);
	struct buf text = { 0 };

	unescape(&text, line);
	if (phone->json)
		show_json(to, from, figure(segments), coding, figure(at), buf_get(&text));
	else
		show(phone, from, figure(segments), buf_get(&text));
	fflush(stdout);
	buf_free(&text);
	phone->answers++;
	phone->answered_at = now();
	phone->drawn_over = true;
}

static void on_line(struct phone *phone, struct str line)
{
	struct str what = word(&line);

	if (str_eqz(what, "MT")) {
		on_answer(phone, line);
	} else if (str_eqz(what, "ACCEPTED")) {
		phone->accepted = true;
	} else if (str_eqz(what, "RETRY")) {
		word(&line);
		snprintf(phone->refused, sizeof(phone->refused),
			 "the gateway put the text off (SMPP status %.*s): it is full, or no box "
			 "is connected to it", STR_ARG(line));
	} else if (str_eqz(what, "REFUSED")) {
		word(&line);
		phone->final = true;
		snprintf(phone->refused, sizeof(phone->refused),
			 "the gateway refused the text (SMPP status %.*s): see its log",
			 STR_ARG(line));
	} else if (str_eqz(what, "ERROR")) {
		phone->final = true;
		snprintf(phone->refused, sizeof(phone->refused), "the message centre says: %.*s",
			 STR_ARG(line));
	}
}

/* What has come on the socket, without waiting; -1 when the centre is gone. */
static int receive(struct phone *phone)
{
	const char *end;

	buf_room(&phone->in, READ_SIZE);
	ssize_t n = recv(phone->fd, phone->in.ptr + phone->in.len, READ_SIZE, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		phone->gone = true;
		return -1;
	}
	phone->in.len += n;
	struct str rest = buf_get(&phone->in);
	while ((end = memchr(rest.ptr, '\n', rest.len))) {
		struct str line = str_n(rest.ptr, end - rest.ptr);

		str_skip(&rest, line.len + 1);
		on_line(phone, line);
	}
	memmove(phone->in.ptr, rest.ptr, rest.len);
	phone->in.len = rest.len;
	return 0;
}

static void explain(const struct phone *phone)
{
	fputs("phone: ", stderr);
	if (!phone->final)
		fprintf(stderr, "no answer within %g s: ", phone->timeout);
	if (phone->gone)
		fprintf(stderr, "the message centre at %s closed the connection (make status)\n",
			phone->smsc);
	else if (phone->accepted)
		fprintf(stderr, "the gateway took the text. Is smsd up (make status), is %s routed "
			"to it, does it answer this number (smsctl trace %s)?\n", phone->to,
			phone->number);
	else if (*phone->refused)
		fprintf(stderr, "%s\n", phone->refused);
	else
		fprintf(stderr, "the gateway has not taken the text. Is bearerbox up and bound to "
			"the message centre (make status)?\n");
}

/* Until the first answer is here and none has followed for a while. */
static int await(struct phone *phone)
{
	while (!phone->gone && !phone->final) {
		double until = phone->answers ? phone->answered_at + phone->settle :
						phone->sent_at + phone->timeout;
		double left = until - now();
		struct pollfd in = { .fd = phone->fd, .events = POLLIN };

		if (left <= 0)
			break;
		if (poll(&in, 1, (int)(left * 1000) + 1) > 0)
			receive(phone);
	}
	if (phone->answers)
		return DONE;
	explain(phone);
	return FAILED;
}

static int ask(struct phone *phone, struct str text)
{
	return send_text(phone, text) < 0 ? FAILED : await(phone);
}

static int ask_lines(struct phone *phone)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int status = DONE;

	while (!phone->gone && (n = getline(&line, &size, stdin)) >= 0) {
		struct str text = str_n(line, n);

		while (str_ends(text, STR("\n")) || str_ends(text, STR("\r")))
			text.len--;
		if (text.len && ask(phone, text) != DONE)
			status = FAILED;
	}
	free(line);
	return status;
}

/* ---- the conversation ---- */

static char *prompt(EditLine *edit)
{
	struct phone *phone;

	el_get(edit, EL_CLIENTDATA, &phone);
	return phone->prompt;
}

/* Milliseconds until an answer is overdue; NEVER when none is. */
static int patience(const struct phone *phone)
{
	double left = phone->sent_at + phone->timeout - now();

	if (!phone->sent_at || phone->answers)
		return NEVER;
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

static void overdue(struct phone *phone)
{
	fputs("\r\033[K", stderr);
	explain(phone);
	phone->sent_at = 0;
	phone->drawn_over = true;
}

/* One octet from the terminal; answers that come meanwhile are shown above the line. */
static int next_octet(struct phone *phone, char *octet)
{
	for (;;) {
		struct pollfd in[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				       { .fd = phone->fd, .events = POLLIN } };
		int n = poll(in, 2, patience(phone));

		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0 || (phone->final && phone->sent_at))
			overdue(phone);
		else if (n > 0 && in[1].revents && receive(phone) < 0)
			return 0;
		else if (n > 0 && in[0].revents)
			return read(STDIN_FILENO, octet, 1);
		if (phone->drawn_over)
			el_set(phone->edit, EL_REFRESH);
		phone->drawn_over = false;
	}
}

/* libedit wants whole characters. */
static int next_character(EditLine *edit, wchar_t *out)
{
	struct phone *phone;
	mbstate_t state = { 0 };
	char octet;

	el_get(edit, EL_CLIENTDATA, &phone);
	for (;;) {
		int n = next_octet(phone, &octet);

		if (n <= 0)
			return n;
		size_t rc = mbrtowc(out, &octet, 1, &state);
		if (rc == (size_t)-1)
			memset(&state, 0, sizeof(state));	/* no character: drop it */
		else if (rc != (size_t)-2)
			return 1;
	}
}

static void type_and_send(struct phone *phone, History *past)
{
	HistEvent event;
	const char *line;
	int n;

	while (!phone->gone && (line = el_gets(phone->edit, &n)) && n > 0) {
		struct str text = str_n(line, n);

		while (str_ends(text, STR("\n")) || str_ends(text, STR("\r")))
			text.len--;
		if (!str_trim(text).len)
			continue;
		history(past, &event, H_ENTER, line);
		if (send_text(phone, text) < 0)
			return;
	}
}

static int converse(struct phone *phone)
{
	History *past = history_init();
	HistEvent event;

	snprintf(phone->prompt, sizeof(phone->prompt), "%s> ", phone->number);
	history(past, &event, H_SETSIZE, HISTORY_LINES);
	phone->edit = el_init("phone", stdin, stdout, stderr);
	if (!phone->edit) {
		fputs("phone: this terminal cannot be used; give the text as an argument\n",
		      stderr);
		history_end(past);
		return FAILED;
	}
	el_set(phone->edit, EL_CLIENTDATA, phone);
	el_set(phone->edit, EL_SIGNAL, 1);
	el_set(phone->edit, EL_PROMPT, prompt);
	el_set(phone->edit, EL_EDITOR, "emacs");
	el_set(phone->edit, EL_HIST, history, past);
	el_set(phone->edit, EL_GETCFN, next_character);
	type_and_send(phone, past);
	el_end(phone->edit);
	history_end(past);
	putchar('\n');
	if (phone->gone)
		explain(phone);
	return phone->gone ? FAILED : DONE;
}

/* ---- starting ---- */

static int try_connect(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);

	if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

static int dial(struct phone *phone)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	struct buf line = { 0 };
	const char *colon = strrchr(phone->smsc, ':');
	char host[128];

	snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - phone->smsc) : 0, phone->smsc);
	int rc = getaddrinfo(*host ? host : "127.0.0.1", colon ? colon + 1 : phone->smsc, &hints,
			     &list);
	phone->fd = -1;
	for (struct addrinfo *at = list; !rc && at && phone->fd < 0; at = at->ai_next)
		phone->fd = try_connect(at);
	if (phone->fd < 0) {
		fprintf(stderr, "phone: no message centre at %s: %s. Is it up (make run, make "
			"status)? --smsc HOST:PORT names another\n", phone->smsc,
			rc ? gai_strerror(rc) : strerror(errno));
		if (list)
			freeaddrinfo(list);
		return -1;
	}
	freeaddrinfo(list);
	buf_printf(&line, "LISTEN %s", phone->number);
	rc = put(phone, &line);
	buf_free(&line);
	return rc;
}

static const struct argp_option option_list[] = {
	{ "to", 't', "PORT", 0, "The number to write to (10086)" },
	{ "settle", 's', "SEC", 0, "After an answer, wait so long for another (0.3)" },
	{ "timeout", 'T', "SEC", 0, "Wait so long for the first answer (10)" },
	{ "smsc", 'm', "HOST:PORT", 0, "The control port of the simulated message centre "
	  "(SMSC_CONTROL, or SMSC_CONTROL_PORT, from the environment)" },
	{ "json", 'j', NULL, 0, "One JSON object an answer" },
	{ 0 }
};

static double seconds(struct argp_state *state, const char *arg)
{
	char *end;
	double value = strtod(arg, &end);

	if (!*arg || *end || !(value >= 0 && value <= 86400))
		argp_error(state, "%s: seconds are wanted", arg);
	return value;
}

static void take_number(struct phone *phone, struct argp_state *state, const char *arg)
{
	struct str number = str_z(arg);

	if (!number.len || number.len > PORT_MAX + 1 || strpbrk(arg, " \t\n"))
		argp_error(state, "%s: not a number", arg);
	phone->number = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct phone *phone = state->input;

	switch (key) {
	case 't':
		if (!*arg || strlen(arg) > PORT_MAX || strpbrk(arg, " \t\n"))
			argp_error(state, "--to: %s: not a number", arg);
		phone->to = arg;
		break;
	case 's':
		phone->settle = seconds(state, arg);
		break;
	case 'T':
		phone->timeout = seconds(state, arg);
		break;
	case 'm':
		phone->smsc = arg;
		break;
	case 'j':
		phone->json = true;
		break;
	case ARGP_KEY_ARG:
		if (!phone->number) {
			take_number(phone, state, arg);
			break;
		}
		if (phone->has_text)
			buf_char(&phone->words, ' ');
		buf_z(&phone->words, arg);
		phone->has_text = true;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, parse, "NUMBER [TEXT…]",
	"A handset on the simulated message centre: sends TEXT from NUMBER and prints the answers."
	"\vWithout TEXT it is a conversation, or, when the input is no terminal, each line is a "
	"text.\n"
	"A TEXT that begins with - goes after --.\n"
	"Exit status: 0 answered, 1 no answer in time, 2 usage.", NULL, NULL, NULL
};

/* `make run` leaves the ports in var/env as shell assignments. */
static bool from_var_env(char *out, size_t size)
{
	FILE *f = fopen("var/env", "r");
	char line[256], *at;
	bool found = false;

	while (f && fgets(line, sizeof(line), f)) {
		at = strstr(line, "SMSC_CONTROL_PORT=");
		if (!at)
			continue;
		at += strlen("SMSC_CONTROL_PORT=");
		at += strspn(at, "'\"");
		snprintf(out, size, "127.0.0.1:%.*s", (int)strspn(at, "0123456789"), at);
		found = true;
	}
	if (f)
		fclose(f);
	return found;
}

static bool find_smsc(struct phone *phone)
{
	const char *control = getenv("SMSC_CONTROL"), *port = getenv("SMSC_CONTROL_PORT");

	if (phone->smsc)
		return true;
	phone->smsc = phone->smsc_found;
	if (control && *control)
		phone->smsc = control;
	else if (port && *port)
		snprintf(phone->smsc_found, sizeof(phone->smsc_found), "127.0.0.1:%s", port);
	else if (!from_var_env(phone->smsc_found, sizeof(phone->smsc_found)))
		return false;
	return true;
}

static int run(struct phone *phone)
{
	if (dial(phone) < 0)
		return FAILED;
	if (phone->has_text)
		return ask(phone, buf_get(&phone->words));
	if (isatty(STDIN_FILENO) && phone->terminal && !phone->json)
		return converse(phone);
	return ask_lines(phone);
}

int phone_main(int argc, char **argv)
{
	struct phone phone = { .to = "10086", .settle = 0.3, .timeout = 10, .fd = -1 };

	setlocale(LC_ALL, "");
	argp_err_exit_status = USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &phone);
	phone.terminal = isatty(STDOUT_FILENO);
	if (!find_smsc(&phone)) {
		fputs("phone: where is the message centre? Run it (make run), or give --smsc "
		      "HOST:PORT or SMSC_CONTROL\n", stderr);
		return USAGE;
	}
	int status = run(&phone);
	if (phone.fd >= 0)
		close(phone.fd);
	buf_free(&phone.in);
	buf_free(&phone.words);
	return status;
}
