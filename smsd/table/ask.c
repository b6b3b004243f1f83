/* ask - see ask.h. */
#include "table/ask.h"

#include <stdlib.h>
#include <string.h>

static bool done(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* 08 connection, 40 serialization, 53 resources, 57P shutdown, 55P03 lock not available. */
static enum err_class class_of(const char *sqlstate)
{
	static const char *const again[] = { "08", "40", "53", "57P", "55P03" };

	for (unsigned i = 0; sqlstate && i < sizeof(again) / sizeof(*again); i++)
		if (strncmp(sqlstate, again[i], strlen(again[i])) == 0)
			return ERR_TEMP;
	return ERR_PERM;
}

int ask_fail(PGconn *conn, const PGresult *result, struct err *err)
{
	const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *detail = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
	const char *hint = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_HINT) : NULL;

	if (!text)
		return err_set(err, ERR_TEMP, "database: %s", PQerrorMessage(conn));
	return err_set(err, class_of(state), "%s%s%s%s%s", text, detail ? ": " : "",
		       detail ? detail : "", hint ? ": " : "", hint ? hint : "");
}

PGresult *ask_sql(PGconn *conn, const char *sql, unsigned n, const char *const *param,
		  struct err *err)
{
	PGresult *result = PQexecParams(conn, sql, n, NULL, param, NULL, NULL, 0);

	if (done(result))
		return result;
	ask_fail(conn, result, err);
	PQclear(result);
	return NULL;
}

PGresult *ask(PGconn *conn, enum query query, unsigned n, const char *const *param, struct err *err)
{
	PGresult *result = ask_sql(conn, query_text[query].sql, n, param, err);

	if (!result)
		err_prefix(err, "%s", query_text[query].name);
	return result;
}

int ask_do(PGconn *conn, const char *command, struct err *err)
{
	PGresult *result = ask_sql(conn, command, 0, NULL, err);

	PQclear(result);
	return result ? 0 : -1;
}

struct str ask_value(const PGresult *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return (struct str){ 0 };
	return str_n(PQgetvalue(result, row, column), PQgetlength(result, row, column));
}

int ask_int(const PGresult *result, int row, int column)
{
	return atoi(PQgetvalue(result, row, column));
}

const char **ask_lines(struct arena *arena, const PGresult *result, int row, int column,
		       unsigned *n_r)
{
	struct str rest = ask_value(result, row, column);
	const char **line;

	*n_r = 0;
	if (!rest.ptr)
		return NULL;
	unsigned most = 1;
	for (size_t i = 0; i < rest.len; i++)
		most += rest.ptr[i] == '\n';
	line = arena_alloc(arena, most * sizeof(*line));
	while (rest.len) {
		const char *nl = memchr(rest.ptr, '\n', rest.len);
		size_t n = nl ? (size_t)(nl - rest.ptr) : rest.len;

		line[(*n_r)++] = arena_z(arena, str_n(rest.ptr, n));
		str_skip(&rest, nl ? n + 1 : n);
	}
	return line;
}

const char *ask_array(struct arena *arena, const char *const *item, unsigned n)
{
	struct buf out = { 0 };

	buf_char(&out, '{');
	for (unsigned i = 0; i < n; i++) {
		if (i)
			buf_char(&out, ',');
		if (!item[i]) {
			buf_z(&out, "NULL");
			continue;
		}
		buf_char(&out, '"');
		for (const char *p = item[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_char(&out, '\\');
			buf_char(&out, *p);
		}
		buf_char(&out, '"');
	}
	buf_char(&out, '}');
	const char *array = arena_z(arena, buf_get(&out));
	buf_free(&out);
	return array;
}
