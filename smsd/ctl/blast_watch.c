/* blast_watch - `smsctl blast watch`: how a blast goes, looked at again and again until it is over (blast.h). */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl/blast.h"
#include "table/ask.h"

const char *blast_span(struct desk *d, double seconds)
{
	long s = (long)(seconds + 0.5);

	if (s < 60)
		return arena_printf(d->arena, "%ld s", s).ptr;
	if (s < 3600)
		return arena_printf(d->arena, "%ld min %ld s", s / 60, s % 60).ptr;
	if (s < 86400)
		return arena_printf(d->arena, "%ld h %ld min", s / 3600, s % 3600 / 60).ptr;
	return arena_printf(d->arena, "%ld d %ld h", s / 86400, s % 86400 / 3600).ptr;
}

void blast_reasons(struct desk *d, const json_t *whys, struct buf *out)
{
	const char *why, *comma = "";
	json_t *n;

	if (!json_object_size(whys))
		return;
	buf_z(out, " (");
	json_object_foreach((json_t *)whys, why, n) {
		buf_printf(out, "%s%s %s", comma, blast_thousands(d, json_integer_value(n)), why);
		comma = ", ";
	}
	buf_char(out, ')');
}

static void part(struct desk *d, const json_t *status, const char *key, const char *whys, struct buf *out)
{
	if (!blast_number(status, key))
		return;
	buf_printf(out, ", %s %s", key, blast_thousands(d, blast_number(status, key)));
	if (whys)
		blast_reasons(d, json_object_get(status, whys), out);
}

static void pace(struct desk *d, const json_t *status, struct buf *out)
{
	const json_t *left = json_object_get(status, "seconds_left");

	buf_printf(out, "; %.4g/s", json_number_value(json_object_get(status, "rate_now")));
	if (json_is_false(json_object_get(status, "open")))
		buf_printf(out, ", quiet hours until %s", blast_time(d, blast_get(d, status, "opens_at")));
	if (json_is_number(left))
		buf_printf(out, ", %s left, until %s", blast_span(d, json_number_value(left)),
			   blast_time(d, blast_get(d, status, "ends")));
	if (json_is_true(json_object_get(status, "late")))
		buf_printf(out, ", AFTER ITS END %s", blast_time(d, blast_get(d, status, "ends_at")));
}

/* One line: how far, what became of them, how fast, how long still. */
static void line(struct desk *d, const json_t *status, struct buf *out)
{
	long long all = blast_number(status, "recipients"), done = blast_number(status, "done");
	const char *state = blast_get(d, status, "state");

	out->len = 0;
	buf_printf(out, "%s %s: %s of %s (%.1f%%)", d->blast, state, blast_thousands(d, done), blast_thousands(d, all),
		   all ? 100.0 * done / all : 0.0);
	part(d, status, "sent", NULL, out);
	part(d, status, "held", "held_whys", out);
	part(d, status, "refused", "refused_whys", out);
	part(d, status, "control", NULL, out);
	if (blast_number(status, "again"))
		buf_printf(out, ", at most %lld perhaps twice", blast_number(status, "again"));
	if (strcmp(state, "running") == 0)
		pace(d, status, out);
}

static bool over(const char *state)
{
	return strcmp(state, "done") == 0 || strcmp(state, "cancelled") == 0 || strcmp(state, "expired") == 0;
}

/* What is wider than the terminal could not be drawn over. */
static int room(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : -1;
}

static void tell(struct desk *d, const json_t *status, struct buf *last, bool end)
{
	struct buf now = { 0 };

	if (d->args->json) {
		json_dumpf(status, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
		putchar('\n');
	} else {
		line(d, status, &now);
		if (isatty(STDOUT_FILENO))
			printf("\r\033[K%.*s%s", end ? -1 : room(), buf_cstr(&now), end ? "\n" : "");
		else if (!str_eq(buf_get(&now), buf_get(last)))
			puts(buf_cstr(&now));
		last->len = 0;
		buf_str(last, buf_get(&now));
	}
	buf_free(&now);
	fflush(stdout);
}

int blast_watch(struct desk *d, struct err *err)
{
	const char *interval = d->args->interval ? d->args->interval : "1";
	struct arena *kept = d->arena;
	struct buf last = { 0 };
	bool end = false;
	int failed = 0;

	if (!str_digits(str_z(interval)) || strlen(interval) > 4 || !atoi(interval))
		return err_set(err, ERR_INPUT, "--interval \"%s\" is no number of seconds from 1 to 9999", interval);
	d->arena = arena_new();	/* it may look for days */
	while (!end) {
		json_t *status;

		failed = blast_call(d, Q_CTL_BLAST_STATUS, 1, &d->blast, &status, NULL, err);
		if (failed)
			break;
		end = over(blast_get(d, status, "state"));
		tell(d, status, &last, end);
		json_decref(status);
		arena_reset(d->arena);
		if (!end)
			sleep(atoi(interval));
	}
	arena_free(&d->arena);
	d->arena = kept;
	buf_free(&last);
	return failed;
}
