/* filter - see filter.h.  Values are what PostgreSQL writes.  Decimals are read and
 * rounded as text: money is never a float. */
#include "text/filter.h"

#include <stdint.h>
#include <utf8proc.h>

#include "text/moment.h"
#include "text/msisdn.h"
#include "text/utf8.h"

/* A value given to a filter; show() returns false when it cannot read it. */
struct given {
	struct str value, argument;
	bool english;
};

struct filter_kind {
	const char *name;
	bool (*show)(const struct given *given, struct buf *out);
	const char *const *arguments;	/* those allowed beside none; NULL: none at all */
};

/* ---- numbers ---- */

/* Takes the digits at the head of *s, at most `most` of them (fewer are filled up with
 * zeros), into *value; the others are dropped, the first of them rounding. */
static void take_digits(struct str *s, size_t most, int64_t *value)
{
	size_t taken = 0;
	bool up = false;

	for (; s->len && *s->ptr >= '0' && *s->ptr <= '9'; str_skip(s, 1), taken++) {
		if (taken < most)
			*value = *value * 10 + (*s->ptr - '0');
		else if (taken == most)
			up = *s->ptr >= '5';
	}
	for (; taken < most; taken++)
		*value *= 10;
	*value += up;
}

/* A decimal times 10^places, rounded half away from zero; false when it is none, or too long. */
static bool read_decimal(struct str s, unsigned places, int64_t *value_r)
{
	enum { LONGEST = 13 };
	bool negative = s.len && *s.ptr == '-';
	size_t whole = 0;

	*value_r = 0;
	if (s.len && (*s.ptr == '-' || *s.ptr == '+'))
		str_skip(&s, 1);
	while (whole < s.len && s.ptr[whole] >= '0' && s.ptr[whole] <= '9')
		whole++;
	if (!whole || whole > LONGEST)
		return false;
	take_digits(&s, whole, value_r);
	if (s.len && *s.ptr == '.')
		str_skip(&s, 1);
	else if (s.len)
		return false;
	take_digits(&s, places, value_r);
	if (negative)
		*value_r = -*value_r;
	return s.len == 0;
}

static void put_number(struct buf *out, uint64_t n, unsigned min_digits)
{
	char digit[24], *p = digit + sizeof(digit);

	for (; n || min_digits || p == digit + sizeof(digit); n /= 10) {
		*--p = (char)('0' + n % 10);
		min_digits -= min_digits > 0;
	}
	buf_add(out, p, digit + sizeof(digit) - p);
}

/* value / 10^places; zeros behind the point go: all of them, or only if nothing else is there. */
static void put_decimal(struct buf *out, int64_t value, unsigned places, bool trim)
{
	uint64_t n = value < 0 ? -(uint64_t)value : (uint64_t)value, scale = 1;

	for (unsigned i = 0; i < places; i++)
		scale *= 10;
	if (value < 0)
		buf_char(out, '-');
	put_number(out, n / scale, 1);
	n %= scale;
	if (!n)
		return;
	for (; trim && n % 10 == 0; n /= 10)
		places--;
	buf_char(out, '.');
	put_number(out, n, places);
}

static bool show_yuan(const struct given *given, struct buf *out)
{
	int64_t hundredths;

	if (!read_decimal(given->value, 2, &hundredths))
		return false;
	put_decimal(out, hundredths, 2, false);
	return true;
}

static bool show_fen(const struct given *given, struct buf *out)
{
	int64_t fen;

	if ((given->value.len && memchr(given->value.ptr, '.', given->value.len)) ||
	    !read_decimal(given->value, 0, &fen))
		return false;
	put_decimal(out, fen, 2, false);
	return true;
}

static bool show_percent(const struct given *given, struct buf *out)
{
	int64_t of_ten_thousand;

	if (!read_decimal(given->value, 4, &of_ten_thousand))
		return false;
	put_decimal(out, of_ten_thousand, 2, true);
	buf_char(out, '%');
	return true;
}

static bool show_size(const struct given *given, struct buf *out)
{
	int64_t tenths, hundredths;

	if (!read_decimal(given->value, 1, &tenths) ||
	    !read_decimal(given->value, 2, &hundredths))
		return false;
	if (tenths > -10240 && tenths < 10240) {
		put_decimal(out, tenths, 1, true);
		buf_z(out, "MB");
	} else {
		hundredths += hundredths < 0 ? -512 : 512;
		put_decimal(out, hundredths / 1024, 2, true);
		buf_z(out, "GB");
	}
	return true;
}

/* ---- dates ---- */

static const char *const month_name[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

static void put_iso_date(struct buf *out, const struct moment *m)
{
	put_number(out, m->year, 4);
	buf_char(out, '-');
	put_number(out, m->month, 2);
	buf_char(out, '-');
	put_number(out, m->day, 2);
}

static void put_time(struct buf *out, const struct moment *m)
{
	put_number(out, m->hour, 2);
	buf_char(out, ':');
	put_number(out, m->minute, 2);
}

/* Any of the three may be 0, and is left out then. */
static void put_words(struct buf *out, bool english, int year, int month, int day)
{
	if (english) {
		buf_z(out, month_name[month - 1]);
		if (day) {
			buf_char(out, ' ');
			put_number(out, day, 1);
		}
		if (year) {
			buf_char(out, ' ');
			put_number(out, year, 4);
		}
		return;
	}
	if (year) {
		put_number(out, year, 4);
		buf_z(out, "年");
	}
	put_number(out, month, 1);
	buf_z(out, "月");
	if (day) {
		put_number(out, day, 1);
		buf_z(out, "日");
	}
}

static bool show_date(const struct given *given, struct buf *out)
{
	struct moment m;

	if (!moment_parse(given->value, &m) || !m.day)
		return false;
	if (!given->argument.len)
		put_iso_date(out, &m);
	else
		put_words(out, given->english, str_eqz(given->argument, "ymd") ? m.year : 0,
			  m.month, m.day);
	return true;
}

static bool show_time(const struct given *given, struct buf *out)
{
	struct moment m;

	if (!moment_parse(given->value, &m) || m.hour < 0)
		return false;
	put_time(out, &m);
	return true;
}

static bool show_datetime(const struct given *given, struct buf *out)
{
	struct moment m;

	if (!moment_parse(given->value, &m) || m.hour < 0 || !m.day)
		return false;
	put_iso_date(out, &m);
	buf_char(out, ' ');
	put_time(out, &m);
	return true;
}

static bool show_month(const struct given *given, struct buf *out)
{
	struct moment m;

	if (!moment_parse(given->value, &m) || !m.month)
		return false;
	put_words(out, given->english, m.year, m.month, 0);
	return true;
}

/* ---- texts ---- */

static bool show_mask(const struct given *given, struct buf *out)
{
	enum { SHOWN = 4 };
	struct str rest = given->value;
	char masked[MSISDN_MAX + 1];
	struct msisdn number;
	unsigned bytes;
	size_t hidden = 0;

	if (!msisdn_parse(rest, &number, NULL)) {
		msisdn_mask(str_z(number.text), masked);
		buf_z(out, masked);
		return true;
	}
	for (struct str s = rest; s.len; str_skip(&s, bytes), hidden++)
		utf8_decode(s, &bytes);
	for (hidden = hidden > SHOWN ? hidden - SHOWN : 0; hidden; hidden--) {
		utf8_decode(rest, &bytes);
		str_skip(&rest, bytes);
		buf_char(out, '*');
	}
	buf_str(out, rest);
	return true;
}

static void put_each(struct str rest, utf8proc_int32_t (*change)(utf8proc_int32_t),
		     struct buf *out)
{
	unsigned bytes;

	for (; rest.len; str_skip(&rest, bytes)) {
		char c[UTF8_MAX];
		unsigned point = utf8_decode(rest, &bytes);

		buf_add(out, c, utf8_encode(c, (unsigned)change((utf8proc_int32_t)point)));
	}
}

static bool show_upper(const struct given *given, struct buf *out)
{
	put_each(given->value, utf8proc_toupper, out);
	return true;
}

static bool show_lower(const struct given *given, struct buf *out)
{
	put_each(given->value, utf8proc_tolower, out);
	return true;
}

static bool show_or(const struct given *given, struct buf *out)
{
	buf_str(out, given->value.len ? given->value : given->argument);
	return true;
}

/* ---- the table ---- */

static const char *const of_date[] = { "md", "ymd", NULL };

static const struct filter_kind kinds[] = {
	{ "yuan", show_yuan },
	{ "fen", show_fen },
	{ "date", show_date, of_date },
	{ "time", show_time },
	{ "datetime", show_datetime },
	{ "month", show_month },
	{ "mask", show_mask },
	{ "percent", show_percent },
	{ "size", show_size },
	{ "upper", show_upper },
	{ "lower", show_lower },
	{ "or", show_or },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

const struct filter_kind *filter_find(struct str name)
{
	for (unsigned i = 0; i < KINDS; i++)
		if (str_eqz(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

const char *filter_name(unsigned i)
{
	return i < KINDS ? kinds[i].name : NULL;
}

const char *filter_wrong(const struct filter *filter)
{
	const char *const *allowed = filter->kind->arguments;

	if (filter->kind->show == show_or)
		return filter->argument.len ? NULL : "needs a text: or:TEXT";
	if (!filter->argument.ptr)
		return NULL;
	if (!allowed)
		return "takes no argument: leave out the : and what follows";
	for (; *allowed; allowed++)
		if (str_eqz(filter->argument, *allowed))
			return NULL;
	return "takes md or ymd, or no argument";
}

void filter_apply(const struct filter *filter, struct str value, const char *lang,
		  struct buf *out)
{
	struct given given = {
		.value = value, .argument = filter->argument,
		.english = lang && strcmp(lang, "en") == 0,
	};

	if (!value.len && filter->kind->show != show_or)
		return;
	if (!filter->kind->show(&given, out))
		buf_str(out, value);
}
