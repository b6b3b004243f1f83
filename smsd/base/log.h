/* log - one event a line on stderr: `<N>level event key=value …` (logfmt with
 * the syslog priority that journald and humans both read).
 * Above debug: no message text, numbers masked with log_msisdn(). */
#pragma once
#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

void log_level_set(enum log_level level);
/* error | warn | info | debug; -1 when it is none of them. */
int log_level_parse(struct str name);

/* `event` is a fixed word (box_up); the format yields `key=value` pairs, values
 * with spaces quoted by the caller's format ("…"). */
void log_error(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warn(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
void log_info(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
void log_debug(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);

/* 138****1234, in a ring of static buffers: good for one log line. */
const char *log_msisdn(struct str msisdn);
