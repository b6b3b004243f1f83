/* remind_try - `smsctl remind try`: who would get what, and who would not and why, sending nothing. */
#pragma once
#include <libpq-fe.h>

#include "base/mem.h"

struct remind_request {
	const char *argv0, *name, *now, *trigger, *key, *number, *dir;
	unsigned step, limit;		/* step 0: all */
	bool json;
	struct arena *arena;
};

/* Leaves its transaction open: its end undoes all. */
MUST_CHECK int remind_try(PGconn *conn, const struct remind_request *request, struct err *err);
