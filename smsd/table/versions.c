/* versions - see versions.h. */
#include "table/versions.h"

#include <stdio.h>

#include "table/ask.h"

/* Asks for nothing back. */
static int tell(PGconn *conn, enum query query, unsigned n, const char *const *param,
		struct err *err)
{
	PGresult *result = ask(conn, query, n, param, err);

	PQclear(result);
	return result ? 0 : -1;
}

static int active_version(PGconn *conn, int *version_r, struct err *err)
{
	PGresult *result = ask(conn, Q_ACTIVE_VERSION, 0, NULL, err);

	if (!result)
		return -1;
	*version_r = PQntuples(result) ? ask_int(result, 0, 0) : 0;
	PQclear(result);
	return 0;
}

/* ---- the same as the active one ---- */

static bool same_sources(const PGresult *files, const struct source *source, unsigned n)
{
	if (PQntuples(files) != (int)n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		bool found = false;

		for (int row = 0; row < PQntuples(files) && !found; row++)
			found = str_eqz(ask_value(files, row, 0), source[i].name) &&
				str_eq(ask_value(files, row, 1), source[i].content);
		if (!found)
			return false;
	}
	return true;
}

static bool same_functions(const PGresult *functions, const struct verified *verified)
{
	if (PQntuples(functions) != (int)verified->n)
		return false;
	for (unsigned i = 0; i < verified->n; i++) {
		const struct function *f = &verified->function[i];
		bool found = false;

		for (int row = 0; row < PQntuples(functions) && !found; row++)
			found = str_eqz(ask_value(functions, row, 0), f->command->id) &&
				str_eqz(ask_value(functions, row, 1), f->name);
		if (!found)
			return false;
	}
	return true;
}

int versions_same(PGconn *conn, const struct source *source, unsigned n,
		  const struct verified *verified, int *version_r, bool *same_r, struct err *err)
{
	char number[16];
	const char *param = number;

	*same_r = false;
	if (active_version(conn, version_r, err) != 0)
		return -1;
	if (*version_r == 0)
		return 0;
	snprintf(number, sizeof(number), "%d", *version_r);
	PGresult *files = ask(conn, Q_VERSION_FILES, 1, &param, err);
	PGresult *functions = files ? ask(conn, Q_VERSION_FUNCTIONS, 1, &param, err) : NULL;
	bool known = files && functions;
	if (known)
		*same_r = same_sources(files, source, n) && same_functions(functions, verified);
	PQclear(files);
	PQclear(functions);
	return known ? 0 : -1;
}

/* ---- a new version ---- */

static int make_functions(PGconn *conn, const struct verified *verified, struct err *err)
{
	if (ask_do(conn, "SET LOCAL ROLE hall_command", err) != 0 ||
	    ask_do(conn, "SET LOCAL search_path = hall_api, pg_temp", err) != 0)
		return -1;
	for (unsigned i = 0; i < verified->n; i++)
		if (function_create(conn, &verified->function[i], err) != 0)
			return err_prefix(err, "command %s", verified->function[i].command->id);
	return ask_do(conn, "SET LOCAL ROLE NONE", err);
}

static int store_function(PGconn *conn, struct arena *arena, const char *version,
			  const struct function *f, struct err *err)
{
	const char *params[PARAMS_MAX];

	for (unsigned i = 0; i < f->command->nparams; i++)
		params[i] = f->command->param[i].name;
	const char *param[] = {
		version, f->command->id, f->name,
		ask_array(arena, params, f->command->nparams),
		ask_array(arena, f->param_type, f->command->nparams),
		ask_array(arena, f->column, f->ncolumns),
		f->noutcomes ? ask_array(arena, f->outcome, f->noutcomes) : NULL,
	};
	return tell(conn, Q_CTL_VERSION_FUNCTION_ADD, 7, param, err);
}

static int store(PGconn *conn, struct arena *arena, const char *version,
		 const struct source *source, unsigned n, const struct verified *verified,
		 struct err *err)
{
	for (unsigned i = 0; i < n; i++) {
		const char *param[] = { version, source[i].name,
					arena_z(arena, source[i].content) };

		if (tell(conn, Q_CTL_VERSION_FILE_ADD, 3, param, err) != 0)
			return -1;
	}
	for (unsigned i = 0; i < verified->n; i++)
		if (store_function(conn, arena, version, &verified->function[i], err) != 0)
			return -1;
	return tell(conn, Q_CTL_VERSION_ANNOUNCE, 1, &version, err);
}

static int new_version(PGconn *conn, const struct source *source, unsigned n,
		       const struct verified *verified, const char *note, const char *who,
		       int *version_r, struct err *err)
{
	const char *param[] = { note ? note : "", who };
	PGresult *made;

	if (make_functions(conn, verified, err) != 0 ||
	    tell(conn, Q_CTL_VERSION_RETIRE, 0, NULL, err) != 0)
		return -1;
	made = ask(conn, Q_CTL_VERSION_NEW, 2, param, err);
	if (!made)
		return -1;
	struct arena *arena = arena_new();
	int failed = store(conn, arena, PQgetvalue(made, 0, 0), source, n, verified, err);
	arena_free(&arena);
	*version_r = ask_int(made, 0, 0);
	PQclear(made);
	return failed;
}

/* Ends what began with BEGIN; the first failure is the one that is told. */
static int finish(PGconn *conn, int failed, struct err *err)
{
	if (!failed)
		return ask_do(conn, "COMMIT", err);
	PQclear(PQexec(conn, "ROLLBACK"));
	return -1;
}

int versions_apply(PGconn *conn, const struct source *source, unsigned n,
		   const struct verified *verified, const char *note, const char *who,
		   int *version_r, bool *changed_r, struct err *err)
{
	bool same = false;
	int failed;

	if (ask_do(conn, "BEGIN", err) != 0)
		return -1;
	failed = tell(conn, Q_CTL_VERSION_LOCK, 0, NULL, err);
	if (!failed)
		failed = versions_same(conn, source, n, verified, version_r, &same, err);
	if (!failed && !same)
		failed = new_version(conn, source, n, verified, note, who, version_r, err);
	*changed_r = !failed && !same;
	return finish(conn, failed, err);
}

/* ---- an older version ---- */

static int must_be_retired(PGconn *conn, const char *version, struct err *err)
{
	PGresult *result = ask(conn, Q_CTL_VERSION_STATE, 1, &version, err);
	int failed = -1;

	if (!result)
		return -1;
	if (PQntuples(result) == 0)
		err_set(err, ERR_INPUT, "there is no version %s (smsctl tables history lists them)",
			version);
	else if (str_eqz(ask_value(result, 0, 0), "active"))
		err_set(err, ERR_INPUT, "version %s is active already", version);
	else if (!str_eqz(ask_value(result, 0, 0), "retired"))
		err_set(err, ERR_INPUT, "version %s is %s: it never was active", version,
			PQgetvalue(result, 0, 0));
	else
		failed = 0;
	PQclear(result);
	return failed;
}

static int must_have_functions(PGconn *conn, const char *version, struct err *err)
{
	PGresult *missing = ask(conn, Q_CTL_VERSION_MISSING, 1, &version, err);
	int failed = missing ? 0 : -1;

	if (missing && PQntuples(missing))
		failed = err_set(err, ERR_INPUT,
				 "version %s cannot run: %d of its functions are gone, first %s "
				 "(smsctl tables export --version %s DIR, then tables apply DIR)",
				 version, PQntuples(missing), PQgetvalue(missing, 0, 0), version);
	PQclear(missing);
	return failed;
}

int versions_rollback(PGconn *conn, int version, struct err *err)
{
	char number[16];
	const char *param = number;
	int failed;

	snprintf(number, sizeof(number), "%d", version);
	if (ask_do(conn, "BEGIN", err) != 0)
		return -1;
	failed = tell(conn, Q_CTL_VERSION_LOCK, 0, NULL, err) != 0 ||
		 must_be_retired(conn, number, err) != 0 ||
		 must_have_functions(conn, number, err) != 0 ||
		 tell(conn, Q_CTL_VERSION_RETIRE, 0, NULL, err) != 0 ||
		 tell(conn, Q_CTL_VERSION_ACTIVATE, 1, &param, err) != 0 ||
		 tell(conn, Q_CTL_VERSION_ANNOUNCE, 1, &param, err) != 0;
	return finish(conn, failed, err);
}

/* ---- loading ---- */

int versions_sources(PGconn *conn, int version, struct arena *arena, struct source **source_r,
		     unsigned *n_r, struct err *err)
{
	char number[16];
	const char *param = number;
	PGresult *files;

	if (version == 0 && active_version(conn, &version, err) != 0)
		return -1;
	if (version == 0)
		return err_set(err, ERR_INPUT,
			       "no version of the tables is active (smsctl tables apply)");
	snprintf(number, sizeof(number), "%d", version);
	files = ask(conn, Q_VERSION_FILES, 1, &param, err);
	if (!files)
		return -1;
	*n_r = PQntuples(files);
	*source_r = arena_alloc(arena, (*n_r + 1) * sizeof(**source_r));
	for (unsigned i = 0; i < *n_r; i++)
		(*source_r)[i] = (struct source){ arena_z(arena, ask_value(files, i, 0)),
						  arena_str(arena, ask_value(files, i, 1)) };
	PQclear(files);
	if (*n_r == 0)
		return err_set(err, ERR_INPUT,
			       "there is no version %d (smsctl tables history lists them)",
			       version);
	return 0;
}

static int bind_active(PGconn *conn, struct tables *tables, struct problems *problems,
		       struct err *err)
{
	char number[16];
	const char *param = number;
	PGresult *rows;

	snprintf(number, sizeof(number), "%d", tables->version);
	rows = ask(conn, Q_VERSION_FUNCTIONS, 1, &param, err);
	if (!rows)
		return -1;
	unsigned n = PQntuples(rows);
	struct binding *binding = arena_alloc(tables->arena, (n + 1) * sizeof(*binding));
	for (unsigned i = 0; i < n; i++) {
		struct binding *b = &binding[i];

		b->command = arena_z(tables->arena, ask_value(rows, i, 0));
		b->function = arena_z(tables->arena, ask_value(rows, i, 1));
		b->column = ask_lines(tables->arena, rows, i, 2, &b->ncolumns);
		b->outcome = ask_lines(tables->arena, rows, i, 3, &b->noutcomes);
		b->param_type = ask_lines(tables->arena, rows, i, 4, &b->nparams);
	}
	PQclear(rows);
	tables_bind(tables, binding, n, problems);
	return 0;
}

/* It passed the check of the smsctl that stored it; this one may see it otherwise. */
static int must_be_sound(const struct tables *tables, const struct problems *problems,
			 struct err *err)
{
	for (unsigned i = 0; problems->errors && i < problems->n; i++)
		if (problems->list[i].level == PROBLEM_ERROR)
			return err_set(err, ERR_PERM,
				       "version %d of the tables cannot be used: %s:%u:%u: %s",
				       tables->version, problems->list[i].place.file,
				       problems->list[i].place.line, problems->list[i].place.column,
				       problems->list[i].text);
	return 0;
}

static int parse_active(PGconn *conn, struct arena *arena, struct tables **tables_r,
			struct err *err)
{
	struct problems problems = { .arena = arena };
	struct source *source;
	unsigned n;
	int version, failed;

	if (active_version(conn, &version, err) != 0 ||
	    versions_sources(conn, version, arena, &source, &n, err) != 0)
		return -1;
	*tables_r = tables_parse(source, n, &problems);
	(*tables_r)->version = version;
	failed = must_be_sound(*tables_r, &problems, err);
	if (!failed)
		failed = bind_active(conn, *tables_r, &problems, err);
	if (!failed)
		failed = must_be_sound(*tables_r, &problems, err);
	if (failed)
		tables_unref(tables_r);
	return failed;
}

int versions_load_active(PGconn *conn, struct tables **tables_r, struct vocabulary **vocabulary_r,
			 struct err *err)
{
	struct arena *arena = arena_new();
	int failed = parse_active(conn, arena, tables_r, err);

	arena_free(&arena);
	if (failed)
		return -1;
	if (versions_vocabulary(conn, vocabulary_r, err) == 0)
		return 0;
	tables_unref(tables_r);
	return -1;
}

int versions_vocabulary(PGconn *conn, struct vocabulary **vocabulary_r, struct err *err)
{
	PGresult *rows = ask(conn, Q_VOCABULARY, 0, NULL, err);

	if (!rows)
		return -1;
	*vocabulary_r = vocabulary_new();
	for (int i = 0; i < PQntuples(rows); i++)
		vocabulary_add(*vocabulary_r, ask_value(rows, i, 0), ask_value(rows, i, 1),
			       ask_value(rows, i, 2));
	PQclear(rows);
	return 0;
}
