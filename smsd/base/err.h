/* err - how a failure travels: a class that alone decides what happens next,
 * and a text for the person who reads it. */
#pragma once
#include <stdarg.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

enum err_class {
	ERR_NONE,
	ERR_INPUT,	/* the sender's or the author's mistake: tell them */
	ERR_LIMIT,	/* a bound was reached: refuse */
	ERR_TEMP,	/* try again */
	ERR_PERM,	/* park and report */
};

struct err {
	enum err_class class;
	char text[1024];	/* one line, no newline at its end */
};

/* Fills err (may be NULL) and returns -1, so that a failing function ends
 * with `return err_set(err, …)`. */
int err_set(struct err *err, enum err_class class, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "what: " before the text that is there, and returns -1. */
int err_prefix(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

const char *err_class_name(enum err_class class);
