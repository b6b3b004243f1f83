/* db - one connection to PostgreSQL on the loop, in pipeline mode.
 *
 * Statements are queued with db_query()/db_statement(), their results come back in order to the
 * function given.  Nothing leaves before db_flush(); results are held back by the server
 * until db_sync().  After an error all results up to the next sync are
 * PGRES_PIPELINE_ABORTED.  A lost connection answers everything outstanding with NULL, then
 * DB_EV_DOWN, and is made again with back-off for ever. */
#pragma once
#include <libpq-fe.h>
#include <uv.h>

#include "base/err.h"
#include "base/mem.h"
#include "queries.h"

enum { DB_PARAMS_MAX = 20 };

enum db_event {
	DB_EV_UP,		/* connected, all named queries prepared */
	DB_EV_DOWN,		/* lost; text: why */
	DB_EV_NOTIFY,		/* channel: text */
	DB_EV_DRAINED,		/* all results that could be read were handed out */
};

struct db;
typedef void db_fn(void *arg, enum db_event event, const char *text);
/* res is NULL when the connection was lost before the answer came; of a db_sync() its status is
 * PGRES_PIPELINE_SYNC.  Returns true when it keeps res, to PQclear() it later.  It must not queue
 * statements: that waits for DB_EV_DRAINED or for the loop. */
typedef bool db_result_fn(void *arg, int tag, PGresult *res);

/* Parameters of one statement; text unless added by db_bin_*.  Borrowed until the statement is queued. */
struct db_params {
	int n;
	const char *value[DB_PARAMS_MAX];
	int length[DB_PARAMS_MAX];
	int format[DB_PARAMS_MAX];
};
void db_param_text(struct db_params *params, const char *z);		/* NULL: SQL's NULL */
void db_param_bytes(struct db_params *params, const void *ptr, size_t len);	/* binary */

/* conninfo and label are borrowed for the life of the connection; named: prepare all named queries. */
struct db *db_new(uv_loop_t *loop, const char *conninfo, const char *label, db_fn *fn, void *arg);
void db_free(struct db **db);

bool db_is_up(const struct db *db);
const char *db_label(const struct db *db);

/* All return false when the connection is down: nothing was queued, no function will be called. */
bool db_query(struct db *db, enum query query, const struct db_params *params, db_result_fn *fn,
	      void *arg, int tag);
/* A statement known by name (at most 63 characters), prepared at its first use on this connection. */
bool db_statement(struct db *db, const char *name, const char *sql, const struct db_params *params,
		  db_result_fn *fn, void *arg, int tag);
bool db_sync(struct db *db, db_result_fn *fn, void *arg, int tag);
void db_flush(struct db *db);

/* Gives the connection up and makes a new one: for errors that only that cures. */
void db_reset(struct db *db, const char *why);

/* The classes of a failure, by SQLSTATE (design: who is to blame). */
enum db_blame {
	DB_OK,
	DB_BLAME_TEXT,		/* the statement's own: data, constraint, a bug in its SQL, a timeout */
	DB_BLAME_SERVER,	/* try the whole transaction again */
	DB_BLAME_CONNECTION,	/* reconnect, then try again */
	DB_ABORTED,		/* another statement before it failed */
};
enum db_blame db_blame(const PGresult *res);
/* A value; ptr NULL for SQL's NULL.  Lives as long as the result. */
struct str db_cell(const PGresult *res, int row, int column);
const char *db_sqlstate(const PGresult *res);	/* "57014"; "08006" for a lost connection */
const char *db_message(const PGresult *res);	/* one line */
