/* cron - a schedule of five fields, as crontab(5) has them: minute, hour, day of the month, month, day of the week;
 * numbers, names of months and days, lists, ranges, steps.  Pure.
 * Where clocks are changed: what runs at fixed hours runs once on such a day, what it would run at in the hour that is
 * left out runs when that is over; what runs every hour goes on by the time that passes. */
#pragma once
#include "base/zone.h"

enum { CRON_NEVER = -1 };

struct cron {
	uint64_t minute;		/* a bit a value, from 0 */
	uint32_t hour, day;
	uint16_t month;
	uint8_t weekday;		/* Sunday 0 */
	bool any_hour, any_day, any_weekday;	/* written as * */
	const struct zone *zone;
};

/* All but the zone.  Fails with ERR_INPUT; *offset_r is the byte that it is about. */
MUST_CHECK int cron_parse(struct str text, struct cron *out_r, size_t *offset_r, struct err *err);

/* The first moment after that one, in seconds since 1970; CRON_NEVER: as on the 30th of February. */
int64_t cron_next(const struct cron *cron, int64_t after_s);
/* The last one not after it. */
int64_t cron_last(const struct cron *cron, int64_t at_s);
