/* function - see function.h. */
#include "table/function.h"

#include <sodium.h>
#include <stdio.h>

#include "table/ask.h"

/* What a function's text is made by: a new way of making it makes new names. */
static const char maker[] = "smshall function 1";

static void hash_z(crypto_generichash_state *state, const char *z)
{
	crypto_generichash_update(state, (const unsigned char *)z, strlen(z) + 1);
}

const char *function_name(struct arena *arena, const struct function *f)
{
	const struct command *command = f->command;
	crypto_generichash_state state;
	unsigned char hash[crypto_generichash_BYTES];
	char hex[25], limits[64];

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	hash_z(&state, maker);
	hash_z(&state, command->sql_numbered);
	snprintf(limits, sizeof(limits), "%u %u %u %s", command->nparams, f->ncolumns,
		 command->rows, risk_name(command->risk));
	hash_z(&state, limits);
	for (unsigned i = 0; i < command->nparams; i++)
		hash_z(&state, f->param_type[i]);
	for (unsigned i = 0; i < f->ncolumns; i++) {
		hash_z(&state, f->column[i]);
		hash_z(&state, f->column_type[i]);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(hex, sizeof(hex), hash, 12);
	return arena_printf(arena, "hall_cmd.f_%s", hex).ptr;
}

static const char *bare_name(const struct function *f)
{
	return strchr(f->name, '.') + 1;
}

/* -1: cannot tell. */
static int exists(PGconn *conn, struct arena *arena, const struct function *f, struct err *err)
{
	const char *name = bare_name(f), *param = ask_array(arena, &name, 1);
	PGresult *result = ask(conn, Q_CTL_FUNCTION_EXISTS, 1, &param, err);
	int there = result ? PQntuples(result) > 0 : -1;

	PQclear(result);
	return there;
}

/* A comment may end the SQL, so the semicolon stands on its own line. */
static const char *body(struct arena *arena, const struct command *command)
{
	struct str sql = str_z(command->sql_numbered);

	while (sql.len && strchr("; \t\r\n", sql.ptr[sql.len - 1]))
		sql.len--;
	sql = arena_printf(arena, "\n#variable_conflict use_column\nBEGIN\nRETURN QUERY\n%.*s\n;\nEND\n",
			   STR_ARG(sql));
	return sql.ptr;
}

static int create(PGconn *conn, struct arena *arena, const struct function *f, struct err *err)
{
	const char *param[] = {
		bare_name(f),
		ask_array(arena, f->param_type, f->command->nparams),
		ask_array(arena, f->column, f->ncolumns),
		ask_array(arena, f->column_type, f->ncolumns),
		f->command->risk == RISK_QUERY ? "t" : "f",
		body(arena, f->command),
	};
	PGresult *ddl = ask(conn, Q_CTL_FUNCTION_DDL, 6, param, err);
	int failed = ddl ? 0 : -1;

	for (int i = 0; !failed && i < PQnfields(ddl); i++)
		failed = ask_do(conn, PQgetvalue(ddl, 0, i), err);
	PQclear(ddl);
	return failed;
}

int function_create(PGconn *conn, const struct function *f, struct err *err)
{
	struct arena *arena = arena_new();
	int there = exists(conn, arena, f, err);
	int failed = there < 0 ? -1 : there ? 0 : create(conn, arena, f, err);

	arena_free(&arena);
	return failed;
}
