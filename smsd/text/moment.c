/* moment - see moment.h. */
#include "text/moment.h"

#include <time.h>

enum { HALL_ZONE = 8 * 3600 };

/* Exactly so many digits at the head of *s. */
static bool take_number(struct str *s, unsigned digits, int *out_r)
{
	if (s->len < digits || !str_digits(str_n(s->ptr, digits)))
		return false;
	*out_r = 0;
	for (unsigned i = 0; i < digits; i++)
		*out_r = *out_r * 10 + (s->ptr[i] - '0');
	str_skip(s, digits);
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (!s->len || *s->ptr != c)
		return false;
	str_skip(s, 1);
	return true;
}

static int days_in(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* 2026-11-22, 2026-11, 20261122, 202611 */
static bool take_date(struct str *s, struct moment *m)
{
	bool dashes;

	if (!take_number(s, 4, &m->year))
		return false;
	dashes = take_char(s, '-');
	if (!take_number(s, 2, &m->month) || m->month < 1 || m->month > 12)
		return false;
	if (!s->len)
		return m->year > 0;
	if (dashes && !take_char(s, '-'))
		return false;
	return take_number(s, 2, &m->day) && m->year > 0 && m->day >= 1 &&
	       m->day <= days_in(m->year, m->month);
}

/* 08:30, 08:30:00, 08:30:00.123 */
static bool take_time(struct str *s, struct moment *m, int *second_r)
{
	*second_r = 0;
	if (!take_number(s, 2, &m->hour) || !take_char(s, ':') || !take_number(s, 2, &m->minute))
		return false;
	if (take_char(s, ':') && !take_number(s, 2, second_r))
		return false;
	if (take_char(s, '.'))
		while (s->len && *s->ptr >= '0' && *s->ptr <= '9')
			str_skip(s, 1);
	return m->hour <= 23 && m->minute <= 59 && *second_r <= 60;
}

/* Z, +00, +05:30, +08:05:43; seconds east of UTC. */
static bool take_zone(struct str *s, int *zone_r)
{
	int part, sign = *s->ptr == '-' ? -1 : 1, unit = 3600;

	*zone_r = 0;
	if (take_char(s, 'Z'))
		return true;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	do {
		if (!take_number(s, 2, &part))
			return false;
		*zone_r += sign * part * unit;
		unit /= 60;
	} while (unit && take_char(s, ':'));
	return true;
}

static bool move_to_hall(struct moment *m, int second, int zone)
{
	struct tm tm = {
		.tm_year = m->year - 1900, .tm_mon = m->month - 1, .tm_mday = m->day,
		.tm_hour = m->hour, .tm_min = m->minute, .tm_sec = second,
	};
	time_t at = timegm(&tm) - zone + HALL_ZONE;

	if (!gmtime_r(&at, &tm))
		return false;
	m->year = tm.tm_year + 1900;
	m->month = tm.tm_mon + 1;
	m->day = tm.tm_mday;
	m->hour = tm.tm_hour;
	m->minute = tm.tm_min;
	return true;
}

bool moment_parse(struct str text, struct moment *out_r)
{
	struct moment m = { .hour = -1, .minute = -1 };
	int second, zone;

	/* a time alone keeps its zone: without a date it cannot be moved */
	if (text.len > 2 && text.ptr[2] == ':') {
		*out_r = m;
		return take_time(&text, out_r, &second) &&
		       (!text.len || take_zone(&text, &zone)) && !text.len;
	}
	if (!take_date(&text, &m))
		return false;
	if (text.len) {
		if (!take_char(&text, ' ') && !take_char(&text, 'T'))
			return false;
		if (!m.day || !take_time(&text, &m, &second))
			return false;
	}
	if (text.len && (!take_zone(&text, &zone) || text.len || !move_to_hall(&m, second, zone)))
		return false;
	*out_r = m;
	return true;
}
