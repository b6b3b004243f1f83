/* ctl - see ctl.h. */
#include "ctl/ctl.h"

#include <ctype.h>
#include <libgen.h>
#include <libsmartcols.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "text/msisdn.h"

int ctl_fail(const char *argv0, const struct err *err)
{
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", argv0, err->text);
	return CTL_FAILED;
}

int ctl_usage(const char *argv0, const struct argp *argp)
{
	argp_help(argp, stderr, ARGP_HELP_USAGE | ARGP_HELP_SEE, (char *)argv0);
	return CTL_USAGE;
}

static void no_notice(void *arg, const PGresult *res)
{
	(void)arg, (void)res;
}

/* libpq tells only a text; these are the troubles that people have. */
static const char *remedy(const char *text)
{
	static const struct { const char *in, *remedy; } known[] = {
		{ "database", "make it: createdb -T template0 -E UTF8 -l C.UTF-8 hall; then: "
			      "smsctl db install" },
		{ "role", "name another user with PGUSER, or make it" },
		{ "authentication", "run it as that system user (sudo -u NAME), or give PGUSER and "
				    "PGPASSWORD" },
		{ "password", "give PGPASSWORD, or a line in ~/.pgpass" },
	};

	if (strstr(text, "FATAL:"))
		for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (strstr(text, known[i].in))
				return known[i].remedy;
	return "is PostgreSQL running there?  PGHOST and PGPORT, or a file of them named by "
	       "SMSHALL_ENV, say where; `make run` starts one";
}

PGconn *ctl_connect(struct err *err)
{
	const char *keyword[] = { "fallback_application_name", "client_encoding", "connect_timeout",
				  "dbname", NULL };
	const char *value[] = { "smsctl", "UTF8", "10", "hall", NULL };

	if (getenv("PGDATABASE") || getenv("PGSERVICE"))
		keyword[3] = NULL;
	PGconn *conn = PQconnectdbParams(keyword, value, 0);
	if (PQstatus(conn) == CONNECTION_OK) {
		PQsetNoticeReceiver(conn, no_notice, NULL);
		return conn;
	}
	const char *text = PQerrorMessage(conn);
	err_set(err, ERR_PERM, "%.*s (%s)", (int)strcspn(text, "\n"), text, remedy(text));
	PQfinish(conn);
	return NULL;
}

int ctl_finish(const char *argv0, PGconn *conn, int result, const struct err *err)
{
	PQfinish(conn);
	if (result != CTL_DONE)
		ctl_fail(argv0, err);
	return result < 0 ? CTL_FAILED : result;
}

const char *ctl_datadir(const char *what)
{
	static const char *const above[] = { "..", "../.." };	/* build/smsctl, build/san/smsctl */
	static struct arena *kept;
	char self[PATH_MAX], path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (!kept)
		kept = arena_new();
	self[n > 0 ? n : 0] = '\0';
	const char *dir = dirname(self);
	for (unsigned i = 0; i < sizeof(above) / sizeof(*above); i++) {
		char whole[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s/%s", dir, above[i], what);
		if (realpath(path, whole))
			return arena_z(kept, str_z(whole));
	}
	snprintf(path, sizeof(path), DATADIR "/%s", what);
	return access(path, X_OK) == 0 ? arena_z(kept, str_z(path)) : NULL;
}

const char *ctl_conf_file(void)
{
	const char *told = getenv("SMSD_CONF");

	if (told && *told)
		return told;
	told = ctl_datadir("kannel-conf/smsd.yaml");
	return told ? told : "/etc/smshall/smsd.yaml";
}

const char *ctl_who(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *pw = name && *name ? NULL : getpwuid(getuid());

	return pw ? pw->pw_name : name && *name ? name : "unknown";
}

struct row {
	struct row *next;
	char *cell[];		/* n */
};

struct ctl_table {
	const struct ctl_column *column;
	unsigned n;
	bool json;
	struct arena *arena;
	struct row *first, **tail;
};

struct ctl_table *ctl_table_new(const struct ctl_column *column, unsigned n, bool json)
{
	struct ctl_table *t = mem_alloc(sizeof(*t));

	*t = (struct ctl_table){ .column = column, .n = n, .json = json, .arena = arena_new() };
	t->tail = &t->first;
	return t;
}

void ctl_table_row(struct ctl_table *t, const char *const *cell)
{
	struct row *row = arena_alloc(t->arena, sizeof(*row) + t->n * sizeof(*row->cell));

	for (unsigned i = 0; i < t->n; i++)
		row->cell[i] = cell[i] ? arena_z(t->arena, str_z(cell[i])) : NULL;
	*t->tail = row;
	t->tail = &row->next;
}

void ctl_table_result(struct ctl_table *t, const PGresult *res)
{
	const char *cell[t->n];

	for (int r = 0; r < PQntuples(res); r++) {
		for (unsigned c = 0; c < t->n; c++)
			cell[c] = PQgetisnull(res, r, c) ? NULL : PQgetvalue(res, r, c);
		ctl_table_row(t, cell);
	}
}

static void json_text(const char *z, FILE *out)
{
	fputc('"', out);
	for (; *z; z++)
		if (*z == '"' || *z == '\\')
			fprintf(out, "\\%c", *z);
		else if ((unsigned char)*z < ' ' || *z == 0x7f)
			fprintf(out, "\\u%04x", *z);
		else
			fputc(*z, out);
	fputc('"', out);
}

static void json_cell(const struct ctl_column *column, const char *cell, FILE *out)
{
	char masked[MSISDN_MAX + 1];

	if (!cell)
		fputs("null", out);
	else if (column->kind == CTL_NUMBER)
		fputs(*cell ? cell : "null", out);
	else if (column->kind == CTL_BOOL)
		fputs(*cell == 't' ? "true" : "false", out);
	else if (column->kind == CTL_MSISDN)
		msisdn_mask(str_z(cell), masked), json_text(masked, out);
	else
		json_text(cell, out);
}

static void json_row(const struct ctl_column *column, unsigned n, const char *const *cell,
		     FILE *out)
{
	const char *comma = "";

	fputc('{', out);
	for (unsigned i = 0; i < n; i++) {
		if (column[i].where == CTL_TABLE_ONLY)
			continue;
		fputs(comma, out);
		json_text(column[i].name, out);
		fputs(": ", out);
		json_cell(&column[i], cell[i], out);
		comma = ", ";
	}
	fputc('}', out);
}

static void print_json(const struct ctl_table *t, FILE *out)
{
	fputs("[", out);
	for (const struct row *row = t->first; row; row = row->next) {
		fputs(row == t->first ? "\n" : ",\n", out);
		json_row(t->column, t->n, (const char *const *)row->cell, out);
	}
	fputs(t->first ? "\n]\n" : "]\n", out);
}

/* What a person sees of a cell: one line. */
static const char *shown(const struct ctl_column *column, const char *cell, struct buf *room)
{
	char masked[MSISDN_MAX + 1];

	room->len = 0;
	if (column->kind == CTL_BOOL)
		return cell ? *cell == 't' ? "yes" : "no" : "";
	if (column->kind == CTL_MSISDN && cell) {
		msisdn_mask(str_z(cell), masked);
		cell = masked;
	}
	for (; cell && *cell; cell++)
		if ((unsigned char)*cell < ' ')
			buf_z(room, *cell == '\n' ? "⏎" : " ");
		else
			buf_char(room, *cell);
	return buf_cstr(room);
}

static const char *title(const struct ctl_column *column, struct buf *room)
{
	room->len = 0;
	for (const char *p = column->name; *p; p++)
		buf_char(room, *p == '_' ? ' ' : (char)toupper((unsigned char)*p));
	return buf_cstr(room);
}

static int flags(const struct ctl_column *column)
{
	return column->kind == CTL_NUMBER ? SCOLS_FL_RIGHT : 0;
}

static void print_table(const struct ctl_table *t, FILE *out)
{
	struct libscols_table *table = scols_new_table();
	struct buf room = { 0 };

	scols_table_set_stream(table, out);
	scols_table_enable_maxout(table, 0);
	for (unsigned i = 0; i < t->n; i++)
		if (t->column[i].where != CTL_JSON_ONLY)
			scols_table_new_column(table, title(&t->column[i], &room), 0,
					       flags(&t->column[i]));
	for (const struct row *row = t->first; row; row = row->next) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (unsigned i = 0, c = 0; i < t->n; i++)
			if (t->column[i].where != CTL_JSON_ONLY)
				scols_line_set_data(line, c++,
						    shown(&t->column[i], row->cell[i], &room));
	}
	scols_print_table(table);
	scols_unref_table(table);
	buf_free(&room);
}

void ctl_table_print(struct ctl_table **table, const char *empty, FILE *out)
{
	struct ctl_table *t = *table;

	if (t->json)
		print_json(t, out);
	else if (t->first)
		print_table(t, out);
	else
		fprintf(out, "%s\n", empty);
	arena_free(&t->arena);
	free(t);
	*table = NULL;
}

void ctl_print_record(const struct ctl_column *column, unsigned n, const char *const *cell,
		      bool json, FILE *out)
{
	struct buf room = { 0 };
	size_t width = 0;

	if (json) {
		json_row(column, n, cell, out);
		fputc('\n', out);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		if (strlen(column[i].name) > width)
			width = strlen(column[i].name);
	for (unsigned i = 0; i < n; i++)
		if (column[i].where != CTL_JSON_ONLY)
			fprintf(out, "%-*s  %s\n", (int)width, column[i].name,
				shown(&column[i], cell[i], &room));
	buf_free(&room);
}
