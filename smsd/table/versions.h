/* versions - table versions in the database: store, list, activate, load.
 * Synchronous (libpq), for smsctl; the daemon loads with its own queries. Nothing here may run
 * inside a transaction of the caller's, but for versions_vocabulary(), versions_load_active() and
 * versions_same(). */
#pragma once
#include <libpq-fe.h>

#include "table/tables.h"
#include "table/verify.h"
#include "table/vocabulary.h"

/* Whether the active version has these sources and these functions; *version_r is its number, 0
 * when none is active. */
MUST_CHECK int versions_same(PGconn *conn, const struct source *source, unsigned n,
			     const struct verified *verified, int *version_r, bool *same_r,
			     struct err *err);

/* Stores sources that were checked and verified as a new version, makes its functions, and
 * activates it in one transaction (announcing it by NOTIFY hall_tables); what versions_same() finds
 * the same makes no new version. note, who: for the history.  *version_r is the active one's
 * number. */
MUST_CHECK int versions_apply(PGconn *conn, const struct source *source, unsigned n,
			      const struct verified *verified, const char *note, const char *who,
			      int *version_r, bool *changed_r, struct err *err);

/* Makes an older version active again.  Fails with ERR_INPUT when there is none of that number, it
 * is active already, or one of its functions is gone. */
MUST_CHECK int versions_rollback(PGconn *conn, int version, struct err *err);

/* The sources of a version, in the arena; version 0: the active one, ERR_INPUT when none is. */
MUST_CHECK int versions_sources(PGconn *conn, int version, struct arena *arena,
				struct source **source_r, unsigned *n_r, struct err *err);

/* The active version, parsed and bound, and the vocabulary; ERR_INPUT when none is active. */
MUST_CHECK int versions_load_active(PGconn *conn, struct tables **tables_r,
				    struct vocabulary **vocabulary_r, struct err *err);

/* What hall_api.vocabulary() says now. */
MUST_CHECK int versions_vocabulary(PGconn *conn, struct vocabulary **vocabulary_r, struct err *err);
