/* function - a command's SQL as a function of the database, owned by hall_command
 * and named by what it is made of: hall_cmd.f_<24 hex digits>.  Such a function never changes, so
 * versions, dialogues and running daemons share it.  Synchronous (libpq), for smsctl. */
#pragma once
#include <libpq-fe.h>

#include "table/tables.h"

struct function {
	const struct command *command;
	const char *name;		/* hall_cmd.f_… */
	const char **param_type;	/* command->nparams of them */
	unsigned ncolumns;
	const char **column, **column_type;
	unsigned noutcomes;		/* 0: the outcome column is no enum */
	const char **outcome;
};

/* The name that follows from the command's SQL, limits and types; in the arena. */
const char *function_name(struct arena *arena, const struct function *function);

/* Makes it unless it is there.  Needs an open transaction, in which the connection has become
 * hall_command. */
MUST_CHECK int function_create(PGconn *conn, const struct function *function, struct err *err);
