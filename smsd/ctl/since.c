/* since - see since.h.  PostgreSQL's clock decides, so that hosts need not agree. */
#include "ctl/since.h"

#include "table/ask.h"

int since_resolve(PGconn *conn, struct arena *arena, const char *option, const char *text,
		  const char **out_r, struct err *err)
{
	PGresult *res = ask(conn, Q_CTL_AUDIT_SINCE, 1, &text, err);
	int result = 0;

	if (!res)	/* it reads a constant: only 2026-02-30 makes it fail for good */
		return err->class != ERR_PERM ? -1 :
			err_set(err, ERR_INPUT, "%s \"%s\" is a day or time that there is not",
				option, text);
	if (PQgetisnull(res, 0, 0))
		result = err_set(err, ERR_INPUT,
				 "%s \"%s\" is no duration and no time "
				 "(write 90m, 24h, 7d, yesterday or \"2026-11-22 08:00\")",
				 option, text);
	else
		*out_r = arena_z(arena, str_z(PQgetvalue(res, 0, 0)));
	PQclear(res);
	return result;
}
