/* cron - see cron.h. */
#include "table/cron.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, FIELDS = 5,
       SEARCH_DAYS = 9 * 366,	/* from one 29th of February to the next, even around 2100 */
       CAREFUL = 3 * HOUR };	/* clocks are never changed by more than that */

static const struct field {
	const char *what;
	int low, high;
	const char *names;	/* three letters each, from low on */
} fields[FIELDS] = {
	{ "minute", 0, 59, "" },
	{ "hour", 0, 23, "" },
	{ "day of the month", 1, 31, "" },
	{ "month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC" },
	{ "day of the week", 0, 7, "SUNMONTUEWEDTHUFRISAT" },
};

/* ---- reading ---- */

static int take_value(struct str *s, const struct field *f)
{
	int value = 0;
	size_t n = 0;

	for (size_t i = 0; s->len >= 3 && f->names[i]; i += 3)
		if (strncasecmp(f->names + i, s->ptr, 3) == 0) {
			str_skip(s, 3);
			return f->low + (int)(i / 3);
		}
	for (; n < s->len && n < 3 && s->ptr[n] >= '0' && s->ptr[n] <= '9'; n++)
		value = value * 10 + s->ptr[n] - '0';
	str_skip(s, n);
	return n && value >= f->low && value <= f->high ? value : -1;
}

static bool take(struct str *s, char c)
{
	if (!s->len || *s->ptr != c)
		return false;
	str_skip(s, 1);
	return true;
}

/* One of a list: *, 5, 1-5, each perhaps with /2 behind it. */
static const char *take_part(struct str *s, const struct field *f, uint64_t *bits)
{
	static const struct field steps = { "step", 1, 59, "" };
	int from = f->low, to = f->high, step = 1;
	bool range = true;

	if (!take(s, '*')) {
		from = to = take_value(s, f);
		if (from < 0)
			return "is none";
		range = take(s, '-');
		if (range)
			to = take_value(s, f);
		if (to < 0)
			return "ends with none";
		if (to < from)
			return "ends before it begins";
	}
	if (take(s, '/')) {
		step = take_value(s, &steps);
		if (step < 0 || !range)
			return "has a step that is none (as */5, or 8-20/2)";
	}
	for (int i = from; i <= to; i += step)
		*bits |= 1ull << i;
	return NULL;
}

static int wrong(const struct field *f, struct str field, const char *what, struct err *err)
{
	return err_set(err, ERR_INPUT, "the %s '%.*s' %s (%d to %d%s)", f->what, STR_ARG(field), what, f->low, f->high,
		       *f->names ? ", or the first three letters of its name" : "");
}

static int take_field(const struct field *f, struct str field, uint64_t *bits, struct err *err)
{
	struct str left = field;
	const char *what;

	do {
		what = take_part(&left, f, bits);
		if (what)
			return wrong(f, field, what, err);
	} while (take(&left, ','));
	return left.len ? wrong(f, field, "cannot be read", err) : 0;
}

static struct str take_word(struct str *text)
{
	size_t n = 0;

	while (text->len && (*text->ptr == ' ' || *text->ptr == '\t'))
		str_skip(text, 1);
	while (n < text->len && text->ptr[n] != ' ' && text->ptr[n] != '\t')
		n++;
	struct str word = str_n(text->ptr, n);
	str_skip(text, n);
	return word;
}

int cron_parse(struct str text, struct cron *out_r, size_t *offset_r, struct err *err)
{
	struct str left = text, word[FIELDS];
	uint64_t bits[FIELDS] = { 0 };

	*offset_r = 0;
	for (unsigned i = 0; i < FIELDS; i++) {
		word[i] = take_word(&left);
		if (!word[i].len)
			return err_set(err, ERR_INPUT, "a schedule has five fields, this one %u (minute hour day month weekday, as"
				       " \"0 9 * * *\")", i);
		*offset_r = word[i].ptr - text.ptr;
		if (take_field(&fields[i], word[i], &bits[i], err) < 0)
			return -1;
	}
	struct str more = take_word(&left);
	if (more.len) {
		*offset_r = more.ptr - text.ptr;
		return err_set(err, ERR_INPUT, "a schedule has five fields, and '%.*s' is one more", STR_ARG(more));
	}
	*offset_r = 0;
	*out_r = (struct cron){
		.minute = bits[0], .hour = bits[1], .day = bits[2], .month = bits[3], .weekday = (bits[4] | bits[4] >> 7) & 0x7f,
		.any_hour = str_eqz(word[1], "*"), .any_day = *word[2].ptr == '*', .any_weekday = *word[4].ptr == '*',
	};
	return 0;
}

/* ---- when ---- */

static int64_t floor_to(int64_t at_s, int64_t unit)
{
	return at_s - ((at_s % unit) + unit) % unit;
}

static void local_of(const struct cron *c, int64_t at_s, struct tm *tm)
{
	time_t local = at_s + zone_offset(c->zone, at_s);

	gmtime_r(&local, tm);
}

/* As cron does: where both are given, either will do. */
static bool day_fits(const struct cron *c, const struct tm *tm)
{
	bool day = c->day >> tm->tm_mday & 1, weekday = c->weekday >> tm->tm_wday & 1;

	if (!(c->month >> (tm->tm_mon + 1) & 1))
		return false;
	return c->any_day || c->any_weekday ? day && weekday : day || weekday;
}

static bool clock_fits(const struct cron *c, const struct tm *tm)
{
	return day_fits(c, tm) && c->hour >> tm->tm_hour & 1 && c->minute >> tm->tm_min & 1;
}

/* Whether the clocks showed this time before, an hour ago. */
static bool repeated(const struct cron *c, int64_t at_s)
{
	int now = zone_offset(c->zone, at_s), before = zone_offset(c->zone, at_s - CAREFUL);

	return before > now && zone_offset(c->zone, at_s - (before - now)) == before;
}

/* Whether the clocks were just put forward over a time that fits. */
static bool left_out(const struct cron *c, int64_t at_s)
{
	int now = zone_offset(c->zone, at_s), before = zone_offset(c->zone, at_s - MINUTE);

	for (int skipped = before; skipped < now; skipped += MINUTE) {
		time_t local = at_s + skipped;
		struct tm tm;

		gmtime_r(&local, &tm);
		if (clock_fits(c, &tm))
			return true;
	}
	return false;
}

static bool fits(const struct cron *c, int64_t at_s, const struct tm *tm)
{
	if (c->any_hour)
		return clock_fits(c, tm);
	return (clock_fits(c, tm) && !repeated(c, at_s)) || left_out(c, at_s);
}

/* How far one may go from a day that does not fit without missing anything: almost to its end. */
static int64_t stride(const struct cron *c, const struct tm *tm)
{
	int64_t left = DAY - (tm->tm_hour * HOUR + tm->tm_min * MINUTE);

	return day_fits(c, tm) || left <= CAREFUL + MINUTE ? MINUTE : left - CAREFUL;
}

static int64_t next_within(const struct cron *c, int64_t after_s, int64_t until_s)
{
	struct tm tm;

	for (int64_t t = floor_to(after_s, MINUTE) + MINUTE; t <= until_s; t += stride(c, &tm)) {
		local_of(c, t, &tm);
		if (fits(c, t, &tm))
			return t;
	}
	return CRON_NEVER;
}

int64_t cron_next(const struct cron *c, int64_t after_s)
{
	return next_within(c, after_s, after_s + (int64_t)SEARCH_DAYS * DAY);
}

/* In windows that grow: few moments lie in the first that holds any. */
int64_t cron_last(const struct cron *c, int64_t at_s)
{
	static const int64_t window[] = { HOUR, DAY, 32 * DAY, 367 * DAY, (int64_t)SEARCH_DAYS * DAY };
	int64_t last = CRON_NEVER;

	for (unsigned i = 0; i < sizeof(window) / sizeof(*window) && last == CRON_NEVER; i++)
		for (int64_t t = next_within(c, at_s - window[i], at_s); t != CRON_NEVER; t = next_within(c, t, at_s))
			last = t;
	return last;
}
