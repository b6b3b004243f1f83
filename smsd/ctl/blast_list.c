/* blast_list - recipients on their way into the database: from a file or a query, checked row by row,
 * streamed by COPY (blast.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "ctl/blast.h"
#include "db/array.h"
#include "table/ask.h"

enum { SHOWN_MAX = 20, CHUNK = 1 << 18 };

/* ---- a file ---- */

static int csv_next(void *arg, struct recipient *out, struct err *err)
{
	(void)err;
	return recipients_next(arg, out);
}

static void csv_require(void *arg, unsigned column)
{
	recipients_require(arg, column);
}

static void csv_close(void *arg)
{
	struct recipients *r = arg;

	recipients_free(&r);
}

int blast_csv_open(struct arena *arena, const char *path, struct blast_source *out, struct err *err)
{
	struct str content;
	char format[40];

	if (blast_file(path, &content, err) < 0)
		return -1;
	struct recipients *r = recipients_new(content, err);
	if (!r)
		return err_set(err, ERR_INPUT, "%s:%s", path, arena_z(arena, str_z(err->text)));
	recipients_format(r, format);
	*out = (struct blast_source){
		.name = path, .format = arena_z(arena, str_z(format)), .arg = r,
		.next = csv_next, .require = csv_require, .close = csv_close,
	};
	out->columns = recipients_columns(r, &out->column);
	return 0;
}

/* ---- bad rows ---- */

struct complaints {
	const struct blast_source *source;
	const char *path;
	FILE *file;		/* NULL: nowhere */
	unsigned long n;
};

static int complaints_open(struct complaints *c, const char *errors, struct err *err)
{
	if (!errors)
		return 0;
	c->path = errors;
	c->file = fopen(errors, "we");
	if (!c->file)
		return err_set(err, ERR_INPUT, "--errors %s: %s", errors, strerror(errno));
	fputs("line,reason,detail\n", c->file);
	return 0;
}

static void complain(struct complaints *c, const struct recipient *row)
{
	if (c->n++ < SHOWN_MAX)
		fprintf(stderr, "%s:%s%u: %s: %s\n", c->source->name, c->source->query ? " row " : "", row->line,
			recipients_fault(row->fault), row->why);
	if (!c->file)
		return;
	fprintf(c->file, "%u,%s,\"", row->line, recipients_fault(row->fault));
	for (const char *p = row->why; *p; p++)
		fputs(*p == '"' ? "\"\"" : (char[]){ *p, '\0' }, c->file);
	fputs("\"\n", c->file);
}

static int complaints_close(struct complaints *c, struct err *err)
{
	if (c->n > SHOWN_MAX)
		fprintf(stderr, "%s: … and %lu more%s\n", c->source->name, c->n - SHOWN_MAX,
			c->file ? "" : " (--errors FILE lists them all)");
	if (!c->file)
		return 0;
	bool failed = ferror(c->file);
	if (fclose(c->file) || failed)
		return err_set(err, ERR_PERM, "--errors %s: %s", c->path, strerror(errno));
	return 0;
}

/* ---- COPY, binary (PostgreSQL's manual, COPY, file formats) ---- */

struct copy {
	PGconn *conn;
	struct buf out;
	struct array data;
};

static void put16(struct buf *out, uint16_t v)
{
	v = htons(v);
	buf_add(out, &v, 2);
}

static void put32(struct buf *out, uint32_t v)
{
	v = htonl(v);
	buf_add(out, &v, 4);
}

static void put_field(struct buf *out, struct str value)
{
	put32(out, value.ptr ? value.len : UINT32_MAX);
	buf_str(out, value);
}

static int copy_send(struct copy *copy, struct err *err)
{
	if (PQputCopyData(copy->conn, copy->out.ptr, (int)copy->out.len) != 1)
		return ask_fail(copy->conn, NULL, err);
	copy->out.len = 0;
	return 0;
}

static int copy_begin(struct copy *copy, struct err *err)
{
	PGresult *res = PQexec(copy->conn, query_text[Q_CTL_BLAST_COPY].sql);
	int failed = PQresultStatus(res) == PGRES_COPY_IN ? 0 : ask_fail(copy->conn, res, err);

	PQclear(res);
	buf_add(&copy->out, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
	return failed;
}

static int copy_row(struct copy *copy, const struct uuid *load, const struct recipient *row,
		    unsigned columns, struct err *err)
{
	uint32_t line = htonl(row->line);
	struct db_params array = { 0 };

	array_begin(&copy->data, ARRAY_TEXT);
	for (unsigned i = 0; i < columns; i++)
		array_text(&copy->data, row->data[i]);
	array_param(&copy->data, &array);
	put16(&copy->out, 5);
	put_field(&copy->out, uuid_key(load));
	put_field(&copy->out, str_n((char *)&line, 4));
	put_field(&copy->out, str_z(row->msisdn.text));
	put_field(&copy->out, str_z(row->lang));
	put_field(&copy->out, str_n(array.value[0], array.length[0]));
	return copy->out.len < CHUNK ? 0 : copy_send(copy, err);
}

/* why: the source failed, so that nothing may stay. */
static int copy_end(struct copy *copy, const char *why, struct err *err)
{
	int failed = 0;

	put16(&copy->out, UINT16_MAX);
	if (!why && copy_send(copy, err) < 0)
		failed = -1;
	else if (PQputCopyEnd(copy->conn, why) != 1)
		failed = ask_fail(copy->conn, NULL, err);
	for (PGresult *res; (res = PQgetResult(copy->conn)); PQclear(res))
		if (!failed && !why && PQresultStatus(res) != PGRES_COMMAND_OK)
			failed = ask_fail(copy->conn, res, err);
	buf_free(&copy->out);
	array_free(&copy->data);
	return failed;
}

static int copy_all(struct copy *copy, struct blast_source *source, const struct uuid *load,
		    struct complaints *complaints, struct blast_counts *counts, struct err *err)
{
	struct recipient row;
	int more, failed = 0;

	while (!failed && (more = source->next(source->arg, &row, err)) > 0) {
		counts->rows++;
		if (row.fault) {
			counts->bad[row.fault]++;
			complain(complaints, &row);
			continue;
		}
		counts->good++;
		failed = copy_row(copy, load, &row, source->columns, err);
	}
	return failed ? -1 : more;
}

int blast_load(PGconn *conn, struct blast_source *source, const struct uuid *load, const char *errors,
	       struct blast_counts *counts, struct err *err)
{
	struct complaints complaints = { .source = source };
	struct copy copy = { .conn = conn };

	*counts = (struct blast_counts){ 0 };
	if (complaints_open(&complaints, errors, err) < 0)
		return -1;
	if (copy_begin(&copy, err) < 0) {
		copy_end(&copy, NULL, NULL);
		return -1;
	}
	int failed = copy_all(&copy, source, load, &complaints, counts, err);
	if (copy_end(&copy, failed ? "the source failed" : NULL, err) < 0 && !failed)
		failed = -1;
	struct err said;
	if (complaints_close(&complaints, &said) < 0 && !failed) {
		*err = said;
		failed = -1;
	}
	return failed;
}
