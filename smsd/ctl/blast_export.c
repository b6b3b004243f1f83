/* blast_export - `smsctl blast export`: a row a recipient, as CSV or JSON, streamed (blast.h). */
#include <csv.h>

#include "ctl/blast.h"
#include "table/ask.h"

struct writer {
	bool json;
	unsigned long rows;
};

static void csv_line(const PGresult *res, int row)
{
	for (int c = 0; c < PQnfields(res); c++) {
		const char *value = row < 0 ? PQfname(res, c) : PQgetvalue(res, row, c);

		if (c)
			putchar(',');
		if (strpbrk(value, ",\"\r\n"))
			csv_fwrite(stdout, value, strlen(value));
		else
			fputs(value, stdout);
	}
	putchar('\n');
}

static void json_line(const PGresult *res, int row, bool first)
{
	json_t *one = json_object();

	for (int c = 0; c < PQnfields(res); c++) {
		struct str value = ask_value(res, row, c);

		json_object_set_new(one, PQfname(res, c), !value.ptr ? json_null() :
				    strcmp(PQfname(res, c), "n") == 0 ? json_integer(ask_int(res, row, c)) :
				    json_stringn(value.ptr, value.len));
	}
	fputs(first ? "\n" : ",\n", stdout);
	json_dumpf(one, stdout, JSON_COMPACT);
	json_decref(one);
}

static void take(struct writer *w, const PGresult *res)
{
	if (!w->json && !w->rows)
		csv_line(res, -1);
	for (int row = 0; row < PQntuples(res); row++, w->rows++)
		w->json ? json_line(res, row, w->rows == 0) : csv_line(res, row);
}

/* All results, to the end: the connection can be used no sooner. */
static int read_all(struct desk *d, struct writer *w, struct err *err)
{
	int failed = 0;
	PGresult *res;

	while ((res = PQgetResult(d->conn))) {
		ExecStatusType status = PQresultStatus(res);

		if (status == PGRES_SINGLE_TUPLE || (status == PGRES_TUPLES_OK && w->rows == 0))
			take(w, res);
		else if (status != PGRES_TUPLES_OK)
			failed = ask_fail(d->conn, res, err);
		PQclear(res);
	}
	return failed;
}

int blast_export(struct desk *d, struct err *err)
{
	struct writer w = { .json = d->args->json };
	const char *param[] = { d->who, d->blast, d->args->whole ? "t" : "f" };

	if (!PQsendQueryParams(d->conn, query_text[Q_CTL_BLAST_EXPORT].sql, 3, NULL, param, NULL, NULL, 0) ||
	    !PQsetSingleRowMode(d->conn))
		return ask_fail(d->conn, NULL, err);
	if (w.json)
		putchar('[');
	if (read_all(d, &w, err) < 0)
		return -1;
	if (w.json)
		puts(w.rows ? "\n]" : "]");
	fflush(stdout);
	return ferror(stdout) ? err_set(err, ERR_PERM, "not all of it could be written") : 0;
}
