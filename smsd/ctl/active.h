/* active - which commands of the active tables are of a kind, as reports want to know.
 * Synchronous; the sources are read, not checked: they were when they became active. */
#pragma once
#include <libpq-fe.h>

#include "base/err.h"
#include "base/yaml.h"

/* The names (table.command) of those that `is` says yes to, as a text array for a query, in the
 * arena; an empty one when no version is active. */
MUST_CHECK int active_commands(PGconn *conn, struct arena *arena,
			       bool (*is)(struct str table, const struct yaml_node *command),
			       const char **array_r, struct err *err);
