/* blast_segment - recipients that a query chooses: one SELECT, checked as a command's SQL is, run as
 * hall_segment in a transaction that only reads, on a connection of its own, by a cursor (blast.h). */
#include <stdlib.h>

#include "ctl/blast.h"
#include "ctl/ctl.h"
#include "ctl/sqlfile.h"
#include "table/ask.h"
#include "table/sql_params.h"
#include "text/fold.h"
#include "text/number_set.h"

enum { ROWS_MAX = 10000000 };

struct segment {
	const char *path;
	struct str sql;
	PGconn *conn;
	struct number_set *seen;
	PGresult *page;
	int at;			/* row of the page */
	unsigned line;
	int msisdn, lang;	/* columns of the query; lang -1: none */
	unsigned n;
	const char *name[SHEET_COLUMNS_MAX];
	int from[SHEET_COLUMNS_MAX];
	bool required[SHEET_COLUMNS_MAX];
	struct str data[SHEET_COLUMNS_MAX];
};

static void segment_close(void *arg)
{
	struct segment *s = arg;

	PQclear(s->page);
	PQfinish(s->conn);
	number_set_free(&s->seen);
}

/* What the server says, where, and what that means for who wrote the query. */
static int refused(const struct segment *s, const PGresult *res, struct err *err)
{
	static const struct { const char *state, *remedy; } known[] = {
		{ "42501", "a segment reads the views of the schema segment, and calls nothing that acts" },
		{ "42P01", "a segment reads the views of the schema segment: subscriber, bill, usage, "
			   "service, event, contact, message, list" },
		{ "3F000", "a segment reads the views of the schema segment" },
		{ "42601", "write one SELECT" },
		{ "42703", "see the columns of the views of the schema segment" },
		{ "25006", "a segment only reads" },
		{ "0A000", "a segment only reads" },
		{ "57014", "it took too long; ask for less, or for whole tables instead of row by row" },
	};
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	const char *remedy = "correct the query";
	struct err said;

	for (unsigned i = 0; state && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].state, state) == 0)
			remedy = known[i].remedy;
	ask_fail(s->conn, res, &said);
	return err_set(err, PQstatus(s->conn) == CONNECTION_BAD ? ERR_TEMP : ERR_INPUT, "%s:%u: %s (%s)",
		       s->path, at ? sqlfile_line(s->sql.ptr, atoi(at)) : 1, said.text, remedy);
}

static int wrong(const struct segment *s, struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "%s:1: %s", s->path, what);
}

/* Runs a statement whose result does not matter. */
static int run(const struct segment *s, const char *sql, struct err *err)
{
	PGresult *res = PQexecParams(s->conn, sql, 0, NULL, NULL, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(res);
	int failed = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : refused(s, res, err);

	PQclear(res);
	return failed;
}

static unsigned line_of(struct str text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset && i < text.len; i++)
		line += text.ptr[i] == '\n';
	return line;
}

/* The query as it is written, without the semicolon at its end; no parameters, no second statement. */
static int read_query(struct arena *arena, struct segment *s, struct err *err)
{
	struct sql_params params;
	struct str content;

	if (blast_file(s->path, &content, err) < 0)
		return -1;
	if (str_starts(content, STR("\xEF\xBB\xBF")))
		str_skip(&content, 3);
	if (!fold_utf8_ok(content))
		return wrong(s, err, "is not UTF-8 (save it as UTF-8)");
	if (!str_trim(content).len)
		return wrong(s, err, "holds no query (write one SELECT with a column msisdn)");
	s->sql = arena_str(arena, content);
	sql_params(arena, s->sql, &params);
	if (params.wrong)
		return err_set(err, ERR_INPUT, "%s:%u: %s", s->path,
			       line_of(s->sql, params.wrong_offset), params.wrong);
	if (params.n)
		return err_set(err, ERR_INPUT, "%s:%u: :%.*s is a parameter, and a segment has none", s->path,
			       line_of(s->sql, params.param[0].offset),
			       STR_ARG(params.param[0].name));
	s->sql = str_z(params.numbered);
	return 0;
}

static int take_columns(struct arena *arena, struct segment *s, const PGresult *described,
			struct err *err)
{
	s->msisdn = s->lang = -1;
	if (PQnfields(described) > SHEET_COLUMNS_MAX)
		return wrong(s, err, "more than 64 columns");
	for (int i = 0; i < PQnfields(described); i++) {
		const char *name = PQfname(described, i);

		if (strcmp(name, "?column?") == 0)
			return err_set(err, ERR_INPUT, "%s:1: column %d has no name (add AS name)",
				       s->path, i + 1);
		for (int k = 0; k < i; k++)
			if (strcmp(name, PQfname(described, k)) == 0)
				return err_set(err, ERR_INPUT, "%s:1: two columns are named %s (rename one "
					       "with AS)", s->path, name);
		if (strcmp(name, "msisdn") == 0) {
			s->msisdn = i;
		} else if (strcmp(name, "lang") == 0) {
			s->lang = i;
		} else {
			s->from[s->n] = i;
			s->name[s->n++] = arena_z(arena, str_z(name));
		}
	}
	if (s->msisdn < 0)
		return wrong(s, err, "the query gives no column msisdn (select it, or name one AS msisdn)");
	return 0;
}

/* Preparing takes one statement only; its plan tells a SELECT from what acts, and asks the privileges. */
static int check(struct arena *arena, struct segment *s, struct err *err)
{
	PGresult *res = PQprepare(s->conn, "segment", s->sql.ptr, 0, NULL);
	int failed = PQresultStatus(res) == PGRES_COMMAND_OK ? 0 : refused(s, res, err);

	PQclear(res);
	if (failed)
		return -1;
	res = PQdescribePrepared(s->conn, "segment");
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		failed = refused(s, res, err);
	else if (PQnfields(res) == 0)
		failed = wrong(s, err, "gives no columns (write one SELECT)");
	else
		failed = take_columns(arena, s, res, err);
	PQclear(res);
	return failed ? -1 : run(s, "EXPLAIN EXECUTE segment", err);
}

static int declare(struct segment *s, struct err *err)
{
	struct buf sql = { 0 };

	buf_z(&sql, query_text[Q_CTL_BLAST_CURSOR].sql);
	buf_char(&sql, '\n');
	buf_str(&sql, s->sql);
	int failed = run(s, buf_cstr(&sql), err);
	buf_free(&sql);
	return failed;
}

/* ---- rows ---- */

static int fetch(struct segment *s, struct err *err)
{
	PQclear(s->page);
	s->page = PQexecParams(s->conn, query_text[Q_CTL_BLAST_FETCH].sql, 0, NULL, NULL, NULL, NULL, 0);
	s->at = 0;
	return PQresultStatus(s->page) == PGRES_TUPLES_OK ? PQntuples(s->page) > 0 : refused(s, s->page, err);
}

static int segment_next(void *arg, struct recipient *out, struct err *err)
{
	struct segment *s = arg;
	struct str number, lang = STR("");

	if (!s->page || s->at == PQntuples(s->page)) {
		int more = fetch(s, err);

		if (more <= 0)
			return more;
	}
	if (++s->line > ROWS_MAX)
		return err_set(err, ERR_LIMIT, "%s:1: gives more than %d rows (ask for fewer)", s->path,
			       ROWS_MAX);
	*out = (struct recipient){ .line = s->line, .data = s->data };
	number = ask_value(s->page, s->at, s->msisdn);
	if (s->lang >= 0 && ask_value(s->page, s->at, s->lang).ptr)
		lang = ask_value(s->page, s->at, s->lang);
	for (unsigned i = 0; i < s->n; i++) {
		struct str value = ask_value(s->page, s->at, s->from[i]);

		s->data[i] = value.ptr ? value : STR("");
		if (!out->fault)
			recipient_value(out, s->name[i], s->data[i], s->required[i]);
	}
	if (!out->fault)
		recipient_take(out, s->seen, number.ptr ? number : STR(""), lang);
	s->at++;
	return 1;
}

static void segment_require(void *arg, unsigned column)
{
	((struct segment *)arg)->required[column] = true;
}

static int begin(struct segment *s, struct err *err)
{
	s->conn = ctl_connect(err);
	if (!s->conn)
		return -1;
	static const char *const first[] = {
		"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
		"SET LOCAL statement_timeout = '5min'",
		"SET LOCAL search_path = segment, pg_temp",
		"SET LOCAL ROLE hall_segment",
	};
	for (unsigned i = 0; i < sizeof(first) / sizeof(*first); i++)
		if (ask_do(s->conn, first[i], err) < 0)
			return err_prefix(err, "cannot become hall_segment (connect as a member of hall_author)");
	return 0;
}

int blast_segment_open(struct arena *arena, const char *path, struct blast_source *out, struct err *err)
{
	struct segment *s = arena_alloc(arena, sizeof(*s));

	s->path = path;
	s->seen = number_set_new();
	if (read_query(arena, s, err) < 0 || begin(s, err) < 0 || check(arena, s, err) < 0 ||
	    declare(s, err) < 0) {
		segment_close(s);
		return -1;
	}
	*out = (struct blast_source){
		.name = path, .format = "a query", .query = true, .columns = s->n, .column = s->name, .arg = s,
		.next = segment_next, .require = segment_require, .close = segment_close,
	};
	return 0;
}
