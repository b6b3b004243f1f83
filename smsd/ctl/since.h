/* since - moments as people write them on the command line: 90m, 24h or 7d ago, today, or a time;
 * in China unless it names its zone. */
#pragma once
#include <libpq-fe.h>

#include "base/err.h"
#include "base/mem.h"

/* In PostgreSQL's writing, in the arena.  option ("--since") is for the message.  Fails with
 * ERR_INPUT when it is neither, which is a wrong command line. */
MUST_CHECK int since_resolve(PGconn *conn, struct arena *arena, const char *option,
			     const char *text, const char **out_r, struct err *err);
