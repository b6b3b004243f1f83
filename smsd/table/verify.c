/* verify - see verify.h. */
#include "table/verify.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>

#include "table/ask.h"
#include "table/kind.h"
#include "table/private.h"

/* A table that is read from end to end for one customer's text is a mistake from here on. */
static const char large_rows[] = "10000";

struct verifier {
	PGconn *conn;
	struct tables *tables;
	struct problems *problems;
	struct err *err;	/* set when the database itself is out of reach */
};

/* What the name of a parameter is made of. */
static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz_0123456789";

/* Where character `at` (from 0) of sql_numbered came from in the SQL as written, in which `:code`
 * stands for `$3`. */
static size_t written_offset(const struct command *command, unsigned at)
{
	const char *n = command->sql_numbered, *w = command->sql;

	for (; *n && *w && at; at--) {
		if (*n == '$' && *w == ':') {
			size_t digits = strspn(n + 1, "0123456789");

			if (at <= digits)
				break;
			at -= digits;
			n += digits + 1;
			w += 1 + strspn(w + 1, name_bytes);
			continue;
		}
		n++, w++;
		while ((*w & 0xc0) == 0x80)
			n++, w++;
	}
	return w - command->sql;
}

static struct place sql_place(const struct verifier *v, const struct command *command,
			      const char *position)
{
	struct place place = command->sql_place;
	const struct tables_own *o = own(v->tables);
	size_t offset = position ? written_offset(command, atoi(position) - 1) : 0;

	for (unsigned i = 0; position && i < o->ntexts; i++)
		if (o->text[i].ptr == command->sql)
			yaml_where(o->text[i].node, offset, &place.line, &place.column);
	return place;
}

/* What the server says, and what that means for an author. */
static void sql_problem(struct verifier *v, const struct command *command, const PGresult *result)
{
	static const struct { const char *state, *remedy; } known[] = {
		{ "42601", "correct the SQL; a command has one SELECT" },
		{ "42703", "see the columns that the function in hall_api gives" },
		{ "42883", "see the functions in hall_api; perhaps a parameter wants its type, as "
			   "in :code::text" },
		{ "42725", "give the parameter its type, as in :code::text" },
		{ "42P18", "give the parameter its type, as in :code::text" },
		{ "42P01", "commands use the functions of hall_api" },
		{ "42501", "hall_command may call what hall_api offers; the grant stands with the "
			   "function" },
		{ "25006", "a command of risk query only reads; give it the risk that it has" },
	};
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	const char *remedy = hint ? hint : "correct the SQL";
	struct err said;

	for (unsigned i = 0; state && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].state, state) == 0 &&
		    !(hint && str_starts(str_z(hint), STR("Perhaps"))))
			remedy = known[i].remedy;
	if (PQstatus(v->conn) == CONNECTION_BAD) {
		ask_fail(v->conn, result, v->err);
		return;
	}
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	ask_fail(v->conn, result, &said);
	problem_add(v->problems, PROBLEM_ERROR,
		    sql_place(v, command, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)),
		    "SQL of %s: %s (%s)", command->id, text ? text : said.text, remedy);
}

/* Errors of statements of our own about a command. */
static void own_problem(struct verifier *v, const struct command *command, const struct err *said)
{
	if (PQstatus(v->conn) == CONNECTION_BAD)
		*v->err = *said;
	else
		problem_add(v->problems, PROBLEM_ERROR, command->sql_place,
			    "SQL of %s: %s (correct the SQL)", command->id, said->text);
}

/* ---- types ---- */

static const char **type_names(struct arena *arena, const PGresult *types, unsigned from,
			       unsigned n)
{
	const char **name = arena_alloc(arena, (n ? n : 1) * sizeof(*name));

	for (unsigned i = 0; i < n; i++)
		name[i] = arena_z(arena, ask_value(types, from + i, 0));
	return name;
}

static PGresult *ask_types(struct verifier *v, struct arena *arena, const PGresult *described,
			   struct err *said)
{
	int nparams = PQnparams(described), ncolumns = PQnfields(described);
	struct buf oids = { 0 };

	buf_char(&oids, '{');
	for (int i = 0; i < nparams + ncolumns; i++)
		buf_printf(&oids, "%s%u", i ? "," : "",
			   i < nparams ? PQparamtype(described, i)
				       : PQftype(described, i - nparams));
	buf_char(&oids, '}');
	const char *param = arena_z(arena, buf_get(&oids));
	buf_free(&oids);
	return ask(v->conn, Q_CTL_TYPES, 1, &param, said);
}

static bool columns_ok(struct verifier *v, const struct function *f, const PGresult *types)
{
	const struct command *command = f->command;
	bool ok = true;

	for (unsigned i = 0; i < f->ncolumns; i++) {
		const char *category = PQgetvalue(types, command->nparams + i, 1);

		if (strcmp(f->column[i], "?column?") == 0) {
			problem_add(v->problems, PROBLEM_ERROR, command->sql_place,
				    "column %u of the SQL of %s has no name (add AS name)", i + 1,
				    command->id);
			ok = false;
		}
		for (unsigned k = 0; k < i; k++) {
			if (strcmp(f->column[i], f->column[k]) != 0)
				continue;
			problem_add(v->problems, PROBLEM_ERROR, command->sql_place,
				    "the SQL of %s gives two columns named %s (rename one with AS)",
				    command->id, f->column[i]);
			ok = false;
		}
		if (strcmp(f->column[i], "outcome") == 0 && *category != 'S' && *category != 'E') {
			problem_add(v->problems, PROBLEM_ERROR, command->sql_place,
				    "the column outcome of %s is %s (it must be an enum or text)",
				    command->id, f->column_type[i]);
			ok = false;
		}
	}
	return ok;
}

/* Fills the function from what Describe said. */
static bool take_shape(struct verifier *v, const PGresult *described, struct function *f)
{
	struct arena *arena = v->tables->arena;
	unsigned n = f->command->nparams;
	struct err said;
	PGresult *types;

	if (PQnfields(described) == 0) {
		problem_add(v->problems, PROBLEM_ERROR, f->command->sql_place,
			    "the SQL of %s gives no columns (it must be one SELECT)",
			    f->command->id);
		return false;
	}
	if (PQnparams(described) != (int)n) {	/* tables_parse() numbers them without gaps */
		problem_add(v->problems, PROBLEM_ERROR, f->command->sql_place,
			    "the SQL of %s has parameters with numbers (use :name)",
			    f->command->id);
		return false;
	}
	types = ask_types(v, arena, described, &said);
	if (!types) {
		own_problem(v, f->command, &said);
		return false;
	}
	f->ncolumns = PQnfields(described);
	f->param_type = type_names(arena, types, 0, n);
	f->column_type = type_names(arena, types, n, f->ncolumns);
	f->column = arena_alloc(arena, f->ncolumns * sizeof(*f->column));
	for (unsigned i = 0; i < f->ncolumns; i++) {
		f->column[i] = arena_z(arena, str_z(PQfname(described, i)));
		if (strcmp(f->column[i], "outcome") == 0)
			f->outcome = ask_lines(arena, types, n + i, 2, &f->noutcomes);
	}
	bool ok = columns_ok(v, f, types);
	PQclear(types);
	return ok;
}

/* ---- plan ---- */

enum { SCANS_MAX = 32 };

struct scans {
	unsigned n;
	const char *schema[SCANS_MAX], *table[SCANS_MAX];
};

static void find_scans(const json_t *plan, struct scans *scans)
{
	const char *type = json_string_value(json_object_get(plan, "Node Type"));
	const char *table = json_string_value(json_object_get(plan, "Relation Name"));
	const char *schema = json_string_value(json_object_get(plan, "Schema"));
	json_t *child;
	size_t i;

	if (type && strcmp(type, "Seq Scan") == 0 && table && schema && scans->n < SCANS_MAX) {
		scans->schema[scans->n] = schema;
		scans->table[scans->n++] = table;
	}
	json_array_foreach(json_object_get(plan, "Plans"), i, child)
		find_scans(child, scans);
}

static void warn_scans(struct verifier *v, const struct command *command, const struct scans *scans)
{
	struct arena *arena = v->tables->arena;
	const char *param[] = { ask_array(arena, scans->schema, scans->n),
				ask_array(arena, scans->table, scans->n), large_rows };
	struct err said;
	PGresult *large = scans->n ? ask(v->conn, Q_CTL_LARGE_TABLES, 3, param, &said) : NULL;

	if (scans->n && !large)
		own_problem(v, command, &said);
	for (int i = 0; i < PQntuples(large); i++)
		problem_add(v->problems, PROBLEM_WARNING, command->sql_place,
			    "%s reads the whole table %s, about %s rows, for each text (add an "
			    "index, or look rows up by their key)",
			    command->id, PQgetvalue(large, i, 0), PQgetvalue(large, i, 1));
	PQclear(large);
}

/* COPY, COMMIT, SET ROLE prepare happily, but have no plan. */
static bool plan_ok(struct verifier *v, const struct command *command, const char *explained)
{
	json_t *root = json_loads(explained, 0, NULL);
	const json_t *plan = json_object_get(json_array_get(root, 0), "Plan");
	const char *type = json_string_value(json_object_get(plan, "Node Type"));
	bool ok = type && strcmp(type, "ModifyTable") != 0;
	struct scans scans = { 0 };

	if (ok) {
		find_scans(plan, &scans);
		warn_scans(v, command, &scans);
	} else {
		problem_add(v->problems, PROBLEM_ERROR, command->sql_place,
			    "the SQL of %s is no SELECT (functions of hall_api make changes)",
			    command->id);
	}
	json_decref(root);
	return ok;
}

/* Executor start-up checks the privileges that PREPARE does not look at. */
static bool explain(struct verifier *v, const struct command *command)
{
	struct buf sql = { 0 };
	PGresult *result;
	bool ok;

	buf_z(&sql, "EXPLAIN (FORMAT JSON, VERBOSE, COSTS OFF) EXECUTE verify");
	for (unsigned i = 0; i < command->nparams; i++)
		buf_z(&sql, i ? ", NULL" : " (NULL");
	buf_z(&sql, command->nparams ? ")" : "");
	result = PQexec(v->conn, buf_cstr(&sql));
	buf_free(&sql);
	ok = PQresultStatus(result) == PGRES_TUPLES_OK;
	if (ok)
		ok = plan_ok(v, command, PQgetvalue(result, 0, 0));
	else
		sql_problem(v, command, result);
	PQclear(result);
	return ok;
}

/* ---- commands ---- */

static bool describe(struct verifier *v, struct function *f)
{
	PGresult *described = PQdescribePrepared(v->conn, "verify");
	bool ok = PQresultStatus(described) == PGRES_COMMAND_OK;

	if (!ok)
		sql_problem(v, f->command, described);
	else
		ok = take_shape(v, described, f);
	PQclear(described);
	return ok && explain(v, f->command);
}

static bool look(struct verifier *v, struct function *f)
{
	PGresult *prepared = PQprepare(v->conn, "verify", f->command->sql_numbered, 0, NULL);
	bool ok = PQresultStatus(prepared) == PGRES_COMMAND_OK;
	struct err said;

	if (!ok)
		sql_problem(v, f->command, prepared);
	PQclear(prepared);
	if (!ok || !describe(v, f))
		return false;
	f->name = function_name(v->tables->arena, f);
	if (function_create(v->conn, f, &said) == 0)
		return true;
	own_problem(v, f->command, &said);
	return false;
}

static bool simple(struct verifier *v, const char *command)
{
	return ask_do(v->conn, command, v->err) == 0;
}

/* False when the database is out of reach. */
static bool check_command(struct verifier *v, const struct command *command, struct verified *out)
{
	struct function *f = &out->function[out->n];

	*f = (struct function){ .command = command };
	if (!simple(v, "SAVEPOINT verify"))
		return false;
	if (look(v, f))
		out->n++;
	else if (!simple(v, "ROLLBACK TO verify"))
		return false;
	return simple(v, "RELEASE verify") && simple(v, "DEALLOCATE ALL");
}

/* Whether its part of the file has errors already: they may be the reason of more. */
static bool is_broken(const struct verifier *v, unsigned index)
{
	const struct tables *t = v->tables;
	struct place from = t->command[index]->place;
	unsigned end = UINT_MAX;

	if (index + 1 < t->ncommands && strcmp(t->command[index + 1]->place.file, from.file) == 0)
		end = t->command[index + 1]->place.line;
	for (unsigned i = 0; i < v->problems->n; i++) {
		const struct problem *p = &v->problems->list[i];

		if (p->level == PROBLEM_ERROR && p->place.file &&
		    strcmp(p->place.file, from.file) == 0 && p->place.line >= from.line &&
		    p->place.line < end)
			return true;
	}
	return !t->command[index]->sql_numbered;
}

static void bind(struct verifier *v, const struct verified *out)
{
	struct binding *binding = arena_alloc(v->tables->arena, (out->n + 1) * sizeof(*binding));

	for (unsigned i = 0; i < out->n; i++) {
		const struct function *f = &out->function[i];

		binding[i] = (struct binding){ f->command->id, f->name, f->ncolumns, f->column,
					       f->noutcomes, f->outcome, f->command->nparams, f->param_type };
	}
	tables_bind(v->tables, binding, out->n, v->problems);
}

int verify_tables(PGconn *conn, struct tables *tables, struct problems *problems,
		  struct verified *out_r, struct err *err)
{
	struct verifier v = { conn, tables, problems, err };

	out_r->n = 0;
	out_r->function = arena_alloc(tables->arena,
				      (tables->ncommands + 1) * sizeof(*out_r->function));
	if (!simple(&v, "SET LOCAL ROLE hall_command"))
		return err_prefix(err,
				  "cannot become hall_command (connect as a member of hall_ops)");
	if (!simple(&v, "SET LOCAL search_path = hall_api, pg_temp") ||
	    !simple(&v, "SET LOCAL plan_cache_mode = force_generic_plan"))
		return -1;
	for (unsigned i = 0; i < tables->ncommands; i++)
		if (!is_broken(&v, i) && !check_command(&v, tables->command[i], out_r))
			return -1;
	if (!simple(&v, "SET LOCAL plan_cache_mode = auto") || !simple(&v, "SET LOCAL ROLE NONE"))
		return -1;
	bind(&v, out_r);
	return 0;
}

void verify_kinds(const struct tables *tables, const struct vocabulary *vocabulary,
		  struct problems *problems)
{
	for (unsigned i = 0; i < tables->ncommands; i++) {
		const struct command *command = tables->command[i];

		for (unsigned k = 0; k < command->nargs; k++) {
			const struct command_arg *arg = &command->arg[k];

			if (arg->kind && arg->kind->vocabulary &&
			    !vocabulary_has_kind(vocabulary, str_z(arg->kind_name)))
				problem_add(problems, PROBLEM_ERROR, arg->place,
					    "hall_api.vocabulary() has no word of the kind '%s' of "
					    "argument %s (correct the kind, or add its words)",
					    arg->kind_name, arg->name);
		}
	}
}

struct str verify_example_port(const struct tables *tables, const struct example *example)
{
	const struct table *table = own(tables)->own[example->command->index]->table;

	return example->to ? str_z(example->to) : table->port[0];
}
