/* many - one command of several texts as one statement (command->many): it costs the database little more than half
 * of a statement a text.  An error in it is of any of them: then they run one by one. */
#pragma once
#include "db/array.h"
#include "table/tables.h"

/* array has room for command->nparams; value as reply_params() makes them. */
void many_begin(struct array *array, const struct command *command);
void many_add(struct array *array, const struct command *command, const char *const *value);
void many_params(struct array *array, const struct command *command, struct db_params *params);

/* The rows of each of the n texts as a result of its own, to be cleared; false: out of memory, or rows of nobody. */
MUST_CHECK bool many_split(const PGresult *res, unsigned n, PGresult **part);
