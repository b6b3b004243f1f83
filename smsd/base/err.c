/* err - see err.h. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_class class, const char *format, ...)
{
	va_list ap;

	if (!err)
		return -1;
	err->class = class;
	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	size_t n = strlen(err->text);
	while (n && err->text[n - 1] == '\n')
		err->text[--n] = '\0';
	return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	va_list ap;

	if (!err)
		return -1;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, format);
	int n = vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		snprintf(err->text + n, sizeof(err->text) - n, ": %s", old);
	return -1;
}

const char *err_class_name(enum err_class class)
{
	static const char *const name[] = {
		[ERR_NONE] = "none", [ERR_INPUT] = "input", [ERR_LIMIT] = "limit",
		[ERR_TEMP] = "temp", [ERR_PERM] = "perm",
	};

	return name[class];
}
