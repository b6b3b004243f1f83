/* log - see log.h. */
#include "base/log.h"

#include <stdio.h>

static enum log_level shown = LOG_L_INFO;
static const struct { const char *name; int priority; } level_of[] = {
	[LOG_L_ERROR] = { "error", 3 },
	[LOG_L_WARN] = { "warn", 4 },
	[LOG_L_INFO] = { "info", 6 },
	[LOG_L_DEBUG] = { "debug", 7 },
};

void log_level_set(enum log_level level)
{
	shown = level;
}

int log_level_parse(struct str name)
{
	for (unsigned i = 0; i < sizeof(level_of) / sizeof(*level_of); i++)
		if (str_eqz(name, level_of[i].name))
			return (int)i;
	return -1;
}

static void put(enum log_level level, const char *event, const char *format, va_list ap)
{
	char line[2048];

	if (level > shown)
		return;
	int n = snprintf(line, sizeof(line), "<%d>level=%s event=%s ",
			 level_of[level].priority, level_of[level].name, event);
	int m = vsnprintf(line + n, sizeof(line) - n - 1, format, ap);
	n += m < (int)sizeof(line) - n - 1 ? m : (int)sizeof(line) - n - 2;
	for (int i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	line[n++] = '\n';
	fwrite(line, 1, n, stderr);
}

#define DEFINE(name, level)					\
	void name(const char *event, const char *format, ...)	\
	{							\
		va_list ap;					\
								\
		va_start(ap, format);				\
		put(level, event, format, ap);			\
		va_end(ap);					\
	}

DEFINE(log_error, LOG_L_ERROR)
DEFINE(log_warn, LOG_L_WARN)
DEFINE(log_info, LOG_L_INFO)
DEFINE(log_debug, LOG_L_DEBUG)

const char *log_msisdn(struct str msisdn)
{
	static char ring[4][32];
	static unsigned next;
	char *out = ring[next++ % 4];

	if (msisdn.len < 8)
		snprintf(out, sizeof(ring[0]), "****");
	else
		snprintf(out, sizeof(ring[0]), "%.*s****%.4s", msisdn.len > 11 ? 5 : 3,
			 msisdn.ptr, msisdn.ptr + msisdn.len - 4);
	return out;
}
