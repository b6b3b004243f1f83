/* crash - places where a build for tests (make CRASH=1) dies by SIGKILL when told to:
 * SMSD_CRASH=name kills at the first passing, name:3 at the third.  In an ordinary build they are nothing. */
#pragma once

#ifdef SMSD_CRASH_POINTS

enum crash_point {
#define CRASH_POINT(name, about) CRASH_##name,
#include "base/crash_list.h"
#undef CRASH_POINT
	CRASH_COUNT
};

void crash_pass(enum crash_point point);
void crash_list(void);		/* prints name and meaning of each */
#define CRASH(name) crash_pass(CRASH_##name)

#else
#define CRASH(name) ((void)0)
#endif
