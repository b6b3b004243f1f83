/* zone - see zone.h. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ZONES "/usr/share/zoneinfo"

enum { FILE_MAX = 1 << 16, HEADER = 44, DAY = 86400 };

/* When a yearly change takes place: local time, in seconds of its day (may be before or past it). */
struct change {
	char form;		/* M: month, week, day; J: day from 1, leap days not counted; 0: day from 0 */
	int month, week, day, second;
};

struct zone {
	unsigned n;		/* changes on record */
	int64_t *at;
	int *offset;		/* from that moment on */
	int before;		/* the first */
	bool yearly;		/* after the last one: the rule at the file's end */
	int standard, summer;
	struct change to_summer, to_standard;
	bool has_rule;
};

static int64_t big_endian(const unsigned char *p, unsigned octets)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < octets; i++)
		v = v << 8 | p[i];
	return octets == 4 ? (int32_t)v : (int64_t)v;
}

/* ---- the rule for the time after the last change on record (POSIX TZ) ---- */

static bool skip_name(const char **p)
{
	const char *begin = *p;

	if (**p == '<') {
		*p = strchr(*p, '>');
		if (!*p)
			return false;
		(*p)++;
		return true;
	}
	while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
		(*p)++;
	return *p - begin >= 3;
}

static bool take_clock(const char **p, int *out)
{
	int sign = **p == '-' ? -1 : 1, part[3] = { 0 };
	char *end;

	if (**p == '-' || **p == '+')
		(*p)++;
	for (unsigned i = 0; i < 3; i++) {
		if (**p < '0' || **p > '9')
			return false;
		part[i] = (int)strtol(*p, &end, 10);
		*p = end;
		if (*end != ':')
			break;
		(*p)++;
	}
	*out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

static bool take_change(const char **p, struct change *c)
{
	int used = 0;

	*c = (struct change){ .second = 2 * 3600 };
	if (*(*p)++ != ',')
		return false;
	if (sscanf(*p, "M%d.%d.%d%n", &c->month, &c->week, &c->day, &used) == 3)
		c->form = 'M';
	else if (sscanf(*p, "J%d%n", &c->day, &used) == 1)
		c->form = 'J';
	else if (sscanf(*p, "%d%n", &c->day, &used) != 1)
		return false;
	*p += used;
	if (**p != '/')
		return true;
	(*p)++;
	return take_clock(p, &c->second);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3": what it says is west of Greenwich. */
static bool take_rule(struct zone *z, const char *p)
{
	if (!skip_name(&p) || !take_clock(&p, &z->standard))
		return false;
	z->standard = -z->standard;
	z->has_rule = true;
	if (!*p)
		return true;
	if (!skip_name(&p))
		return false;
	z->summer = z->standard + 3600;
	if (*p != ',') {
		if (!take_clock(&p, &z->summer))
			return false;
		z->summer = -z->summer;
	}
	z->yearly = take_change(&p, &z->to_summer) && take_change(&p, &z->to_standard);
	return z->yearly;
}

static int64_t day_of(int year, int month, int day)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };

	return timegm(&tm) / DAY;
}

/* In local seconds since 1970. */
static int64_t change_in(const struct change *c, int year)
{
	int64_t day;

	if (c->form == 'M') {
		int64_t first = day_of(year, c->month, 1), next = day_of(year, c->month + 1, 1);
		int weekday = (int)((first % 7 + 11) % 7);	/* 1970-01-01 was a Thursday */

		day = first + (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
		while (day >= next)
			day -= 7;
	} else if (c->form == 'J') {
		bool leap = day_of(year, 3, 1) - day_of(year, 2, 1) == 29;

		day = day_of(year, 1, 1) + c->day - 1 + (leap && c->day >= 60);
	} else {
		day = day_of(year, 1, 1) + c->day;
	}
	return day * DAY + c->second;
}

static int by_rule(const struct zone *z, int64_t at_s)
{
	time_t local = at_s + z->standard;
	struct tm tm;

	if (!z->yearly)
		return z->standard;
	gmtime_r(&local, &tm);
	int64_t begins = change_in(&z->to_summer, tm.tm_year + 1900) - z->standard,
		ends = change_in(&z->to_standard, tm.tm_year + 1900) - z->summer;
	bool summer = begins < ends ? at_s >= begins && at_s < ends : at_s >= begins || at_s < ends;
	return summer ? z->summer : z->standard;
}

/* ---- the file ---- */

struct counts {
	unsigned isut, isstd, leap, times, types, chars;
};

static size_t block_size(const struct counts *c, unsigned octets)
{
	return (size_t)c->times * (octets + 1) + (size_t)c->types * 6 + c->chars + (size_t)c->leap * (octets + 4) + c->isstd + c->isut;
}

static bool take_counts(const unsigned char *p, size_t left, struct counts *c)
{
	if (left < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	unsigned *to[] = { &c->isut, &c->isstd, &c->leap, &c->times, &c->types, &c->chars };
	for (unsigned i = 0; i < 6; i++)
		*to[i] = (unsigned)big_endian(p + 20 + 4 * i, 4);
	for (unsigned i = 0; i < 6; i++)
		if (*to[i] > FILE_MAX)
			return false;
	return c->types > 0;
}

static bool take_changes(struct arena *arena, struct zone *z, const unsigned char *p, const struct counts *c)
{
	const unsigned char *kinds = p + 8 * (size_t)c->times, *types = kinds + c->times;

	z->at = arena_alloc(arena, (c->times + 1) * sizeof(*z->at));
	z->offset = arena_alloc(arena, (c->times + 1) * sizeof(*z->offset));
	z->before = (int)big_endian(types, 4);
	for (z->n = 0; z->n < c->times; z->n++) {
		if (kinds[z->n] >= c->types)
			return false;
		z->at[z->n] = big_endian(p + 8 * (size_t)z->n, 8);
		z->offset[z->n] = (int)big_endian(types + 6 * (size_t)kinds[z->n], 4);
	}
	return true;
}

/* First a block of 32 bits, which nobody needs any more, then one of 64, then the rule between newlines. */
static bool parse(struct arena *arena, struct zone *z, unsigned char *p, size_t size)
{
	struct counts c;
	char *end;

	for (unsigned octets = 4; ; octets = 8) {
		if (!take_counts(p, size, &c))
			return false;
		p += HEADER;
		size -= HEADER;
		if (block_size(&c, octets) > size)
			return false;
		if (octets == 8)
			break;
		p += block_size(&c, octets);
		size -= block_size(&c, octets);
	}
	if (!take_changes(arena, z, p, &c))
		return false;
	p += block_size(&c, 8);
	size -= block_size(&c, 8);
	if (size < 2 || *p != '\n' || !(end = memchr(p + 1, '\n', size - 1)))
		return true;
	*end = '\0';
	return !p[1] || take_rule(z, (char *)p + 1);
}

/* Names come from tables: nothing but a file below the folder. */
static bool good_name(const char *name)
{
	return *name && *name != '/' && *name != '.' && !strstr(name, "/.") && strlen(name) < 60 &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/")] == '\0';
}

int zone_load(struct arena *arena, const char *name, const struct zone **zone_r, struct err *err)
{
	struct zone *z = arena_alloc(arena, sizeof(*z));
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), ZONES "/%s", name);
	file = good_name(name) ? fopen(path, "re") : NULL;
	if (!file)
		return err_set(err, ERR_INPUT, "there is no time zone '%s' (as Asia/Shanghai; " ZONES " has them)", name);
	unsigned char *bytes = mem_alloc(FILE_MAX);
	size_t size = fread(bytes, 1, FILE_MAX, file);
	bool ok = parse(arena, z, bytes, size);
	fclose(file);
	free(bytes);
	if (!ok)
		return err_set(err, ERR_INPUT, "%s is no time zone that can be read", path);
	*zone_r = z;
	return 0;
}

int zone_offset(const struct zone *z, int64_t at_s)
{
	unsigned low = 0, high = z->n;

	if (!z->n || at_s < z->at[0])
		return z->n || !z->has_rule ? z->before : by_rule(z, at_s);
	if (z->has_rule && at_s >= z->at[z->n - 1])
		return by_rule(z, at_s);
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;

		*(z->at[middle] <= at_s ? &low : &high) = middle;
	}
	return z->offset[low];
}
