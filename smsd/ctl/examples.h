/* examples - runs the examples of verified tables on the database: the proof that a
 * command is reached, works, and answers as its author thinks. */
#pragma once
#include <libpq-fe.h>

#include "table/tables.h"
#include "table/vocabulary.h"

/* Inside the transaction in which verify_tables() made the functions; whatever the examples do is
 * undone.  Fails only when the database is out of reach. */
MUST_CHECK int examples_check(PGconn *conn, const struct tables *tables,
			      const struct vocabulary *vocabulary, struct problems *problems,
			      struct err *err);
