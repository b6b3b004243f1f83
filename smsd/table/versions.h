/* versions - table versions in the database: store, list, activate, load.
 * Synchronous (libpq), for smsctl; the daemon loads with its own queries. */
#pragma once
#include <libpq-fe.h>

#include "table/tables.h"
#include "table/vocabulary.h"

/* Asks the database about every command: prepares its SQL, describes parameters and columns, checks
 * privileges and plan under hall_command, all in a transaction that is rolled back. Adds the problems, binds
 * (tables_bind()) what can be bound, and runs each example that has an `expect`. The connection needs the
 * role hall_ops or more. */
void verify_tables(PGconn *conn, struct tables *tables, struct problems *problems);

/* Stores checked sources as a new version, makes its functions, and activates it (announcing it by
 * NOTIFY hall_tables); unchanged sources make no new version. *version_r is the active one's number. */
MUST_CHECK int versions_apply(PGconn *conn, const struct source *source, unsigned n, struct tables *tables,
			      const char *note, int *version_r, bool *changed_r, struct err *err);

/* Makes an older version active again. */
MUST_CHECK int versions_rollback(PGconn *conn, int version, struct err *err);

/* The active version, parsed and bound, and the vocabulary; ERR_INPUT when none is active. */
MUST_CHECK int versions_load_active(PGconn *conn, struct tables **tables_r,
				    struct vocabulary **vocabulary_r, struct err *err);
