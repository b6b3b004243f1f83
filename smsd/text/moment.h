/* moment - dates and times as PostgreSQL writes them (DateStyle ISO), in the hall's
 * zone: Asia/Shanghai, which has been UTC+8 without summer time since 1991.  Pure. */
#pragma once
#include "base/str.h"

struct moment {
	int year, month, day;	/* 0 when not given: a time alone, a month without day */
	int hour, minute;	/* -1 when not given */
};

/* Reads a date, timestamp, timestamptz (moved to the hall's zone) or time, and also
 * 20261122, 202611 and 2026-11.  False when it is none of these: infinity, BC, 2026-02-30. */
bool moment_parse(struct str text, struct moment *out_r);
