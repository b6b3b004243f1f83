/* ask - named queries (sql/queries/) over a synchronous connection, for smsctl.
 * The daemon never waits: it has db/db.h. */
#pragma once
#include <libpq-fe.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "queries.h"

/* The result, to be cleared by the caller; NULL when it failed.  param: n texts, or NULL. */
MUST_CHECK PGresult *ask(PGconn *conn, enum query query, unsigned n, const char *const *param,
			 struct err *err);

/* The same for a statement that is not known by name (a command table's own). */
MUST_CHECK PGresult *ask_sql(PGconn *conn, const char *sql, unsigned n, const char *const *param,
			     struct err *err);

/* A statement without parameters and rows: BEGIN, SAVEPOINT name, … */
MUST_CHECK int ask_do(PGconn *conn, const char *command, struct err *err);

/* What to say of a result that is an error (or NULL: of the connection); returns -1. */
int ask_fail(PGconn *conn, const PGresult *result, struct err *err);

/* A value; ptr NULL for SQL's NULL.  Lives as long as the result. */
struct str ask_value(const PGresult *result, int row, int column);
int ask_int(const PGresult *result, int row, int column);	/* 0 for NULL */

/* The lines of a value of array_to_string(…, E'\n'), in the arena; NULL when it is NULL. */
const char **ask_lines(struct arena *arena, const PGresult *result, int row, int column,
		       unsigned *n_r);

/* A text array as a parameter, in the arena; item NULL is SQL's NULL. */
const char *ask_array(struct arena *arena, const char *const *item, unsigned n);
