/* crash - see crash.h.  Empty in an ordinary build. */
#include "base/crash.h"

#ifdef SMSD_CRASH_POINTS
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const struct { const char *name, *about; } point_of[] = {
#define CRASH_POINT(name, about) { #name, about },
#include "base/crash_list.h"
#undef CRASH_POINT
};

void crash_pass(enum crash_point point)
{
	static int wanted = -2;
	static long left;

	if (wanted == -2) {
		const char *spec = getenv("SMSD_CRASH");
		size_t n = spec ? strcspn(spec, ":") : 0;

		wanted = -1;
		left = spec && spec[n] ? strtol(spec + n + 1, NULL, 10) : 1;
		for (int i = 0; spec && i < CRASH_COUNT; i++)
			if (strlen(point_of[i].name) == n && strncmp(point_of[i].name, spec, n) == 0)
				wanted = i;
		if (spec && *spec && wanted < 0) {
			log_error("crash_point", "name=%s why=\"no such crash point\"", spec);
			exit(1);
		}
	}
	if ((int)point != wanted || --left > 0)
		return;
	log_warn("crash_point", "name=%s", point_of[point].name);
	raise(SIGKILL);
}

void crash_list(void)
{
	for (int i = 0; i < CRASH_COUNT; i++)
		printf("%s\t%s\n", point_of[i].name, point_of[i].about);
}
#endif
