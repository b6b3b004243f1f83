/* verify - asks the database about every command of parsed tables.  Synchronous
 * (libpq), for smsctl; the connection's role must be a member of hall_command, as hall_ops is. */
#pragma once
#include "table/function.h"
#include "table/vocabulary.h"

struct verified {
	unsigned n;
	/* Of the commands whose SQL is good; in the tables' arena. */
	struct function *function;
};

/* Prepares each command's SQL, describes its parameters and columns, checks privileges and plan
 * under hall_command, makes its function, and binds the tables (tables_bind()).  What is wrong goes
 * to the problems; fails only when the database cannot be asked at all.  Commands in which problems
 * were found before are left out. Works inside the caller's open transaction, whose end decides
 * whether the functions stay; it leaves that with the search_path of commands. */
MUST_CHECK int verify_tables(PGconn *conn, struct tables *tables, struct problems *problems,
			     struct verified *out_r, struct err *err);

/* Reports arguments of kinds that neither are built in nor have words in the vocabulary. */
void verify_kinds(const struct tables *tables, const struct vocabulary *vocabulary,
		  struct problems *problems);

/* Where an example is sent: the port it names, else the first of its table. */
struct str verify_example_port(const struct tables *tables, const struct example *example);
