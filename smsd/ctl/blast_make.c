/* blast_make - `smsctl blast new`, `edit` and `submit`: texts and list are checked against each other, then all
 * of it is taken in one transaction, or nothing (blast.h). */
#include <stdlib.h>

#include "ctl/blast.h"
#include "ctl/ctl.h"
#include "table/ask.h"

enum { ROWS_SHOWN = 20 };

struct maker {
	struct desk *desk;
	bool has_texts, has_list;	/* given now */
	bool listed;			/* there is a list, now or before */
	struct blast_texts texts;
	struct blast_source source;
	unsigned columns;
	const char *const *column;
	struct blast_counts counts;
	const char *from, *until;
};

/* ---- what is given ---- */

static int read_times(struct maker *m, struct err *err)
{
	m->from = m->desk->args->from;
	m->until = m->desk->args->until;
	return blast_moment(m->desk, "--from", &m->from, err) < 0 || blast_moment(m->desk, "--until", &m->until, err) < 0 ? -1 : 0;
}

static int read_texts(struct maker *m, struct err *err)
{
	const struct blast_args *a = m->desk->args;
	struct blast_texts_from from = { a->zh, a->en, a->texts, a->ab };

	m->has_texts = a->zh || a->texts || a->ab;
	return m->has_texts ? blast_texts_read(m->desk->arena, &from, &m->texts, err) : 0;
}

static int open_list(struct maker *m, struct err *err)
{
	const struct blast_args *a = m->desk->args;

	m->has_list = a->csv || a->segment;
	if (!m->has_list)
		return 0;
	if (a->csv ? blast_csv_open(m->desk->arena, a->csv, &m->source, err) < 0 :
		     blast_segment_open(m->desk->arena, a->segment, &m->source, err) < 0) {
		m->has_list = false;
		return -1;
	}
	m->columns = m->source.columns;
	m->column = m->source.column;
	return 0;
}

static void set(json_t *changes, const char *key, const char *value)
{
	if (value)
		json_object_set_new(changes, key, *value ? json_string(value) : json_null());
}

/* An empty value ("") takes the default again. */
static json_t *options(const struct maker *m)
{
	const struct blast_args *a = m->desk->args;
	json_t *changes = json_object();
	char *percent = a->control ? mem_dup(str_z(a->control)) : NULL;

	if (percent && str_ends(str_z(percent), STR("%")))
		percent[strlen(percent) - 1] = '\0';
	set(changes, "control", percent);
	free(percent);
	set(changes, "spread", a->spread);
	set(changes, "rate", a->rate);
	set(changes, "starts_at", m->from);
	set(changes, "ends_at", m->until);
	set(changes, "port", a->port);
	set(changes, "over_cap", a->over_cap);
	set(changes, "steers", a->steers);
	set(changes, "note", a->note);
	return changes;
}

static const char *dumped(struct maker *m, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const char *kept = arena_z(m->desk->arena, str_z(text));

	free(text);
	json_decref(json);
	return kept;
}

/* Texts against columns, and the columns that no row may leave empty. */
static int check_texts(struct maker *m, struct err *err)
{
	unsigned wrong = blast_texts_compile(m->desk->arena, &m->texts, m->column, m->columns, "smsctl blast", stderr);

	if (wrong)
		return err_set(err, ERR_INPUT, "%u problem%s in the texts, nothing was changed (names in {{…}} are "
			       "columns of the list)", wrong, wrong == 1 ? "" : "s");
	for (unsigned i = 0; m->has_list && i < m->columns; i++)
		if (blast_texts_need(&m->texts, m->column[i]))
			m->source.require(m->source.arg, i);
	return 0;
}

/* ---- the list ---- */

static unsigned long bad(const struct maker *m)
{
	return m->counts.rows - m->counts.good;
}

/* "2 bad number, 1 duplicate" */
static const char *reasons(const struct maker *m)
{
	struct buf out = { 0 };

	for (unsigned i = 1; i < RECIPIENT_FAULTS; i++)
		if (m->counts.bad[i])
			buf_printf(&out, "%s%lu %s", out.len ? ", " : "", m->counts.bad[i], recipients_fault(i));
	const char *kept = arena_z(m->desk->arena, buf_get(&out));
	buf_free(&out);
	return kept;
}

/* What the database finds wrong with rows that are good by themselves. */
static void print_known(struct maker *m, const json_t *detail)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(detail, "rows"), i, row)
		fprintf(stderr, "%s:%s%lld: %s\n", m->source.name, m->source.query ? " row " : "",
			blast_number(row, "line"),
			strcmp(blast_get(m->desk, row, "reason"), "known") == 0 ? "stands on the list already" :
			blast_get(m->desk, row, "reason"));
}

static int add(struct maker *m, const struct uuid *load, json_t **detail_r, struct err *err)
{
	const struct blast_args *a = m->desk->args;
	char id[UUID_TEXT + 1];
	const char *outcome = "";

	uuid_format(load, id);
	const char *param[] = { m->desk->blast, id, a->keep_good ? "keep" : "refuse", "20" };
	int failed = blast_call(m->desk, Q_CTL_BLAST_RECIPIENTS_ADD, 4, param, detail_r, &outcome, err);
	if (*detail_r)
		print_known(m, *detail_r);
	if (failed) {
		json_decref(*detail_r);
		*detail_r = NULL;
	}
	if (failed && strcmp(outcome, "bad_rows") == 0)
		return err_set(err, ERR_INPUT, "%s: rows that the list has already, so that none was taken (--keep-good "
			       "takes the others)", m->source.name);
	return failed;
}

static int fill(struct maker *m, json_t **detail_r, struct err *err)
{
	const struct blast_args *a = m->desk->args;
	struct uuid load = uuid_v7();

	if (blast_load(m->desk->conn, &m->source, &load, a->errors, &m->counts, err) < 0)
		return -1;
	if (bad(m) && !a->keep_good)
		return err_set(err, ERR_INPUT, "%s: %lu of %lu rows are bad (%s), so that nothing was changed (mend them, or "
			       "take the %lu good ones with --keep-good)", m->source.name, bad(m), m->counts.rows,
			       reasons(m), m->counts.good);
	if (!m->counts.good)
		return err_set(err, ERR_INPUT, "%s: nobody is on the list (%lu rows, %s), so that nothing was changed",
			       m->source.name, m->counts.rows, bad(m) ? reasons(m) : "not one to take");
	return add(m, &load, detail_r, err);
}

/* ---- what became of it ---- */

static json_t *bad_json(const struct maker *m, const json_t *added)
{
	json_t *by = json_object(), *n;
	const char *reason;

	for (unsigned i = 1; i < RECIPIENT_FAULTS; i++)
		if (m->counts.bad[i])
			json_object_set_new(by, recipients_fault(i), json_integer(m->counts.bad[i]));
	json_object_foreach(json_object_get(added, "bad"), reason, n)
		json_object_set(by, reason, n);
	return by;
}

static void print_list(struct maker *m, const json_t *added)
{
	struct desk *d = m->desk;
	unsigned long more = m->counts.good - blast_number(added, "added");

	printf("%s (%s): %s rows, %s taken", m->source.name, m->source.format, blast_thousands(d, m->counts.rows),
	       blast_thousands(d, blast_number(added, "added")));
	if (bad(m))
		printf(", %s refused (%s)", blast_thousands(d, bad(m)), reasons(m));
	if (more)
		printf(", %s on the list already", blast_thousands(d, more));
	if (blast_number(added, "blocked"))
		printf(", %s blocked and never sent anything", blast_thousands(d, blast_number(added, "blocked")));
	printf("; the list has %s\n", blast_thousands(d, blast_number(added, "recipients")));
}

static int told(struct maker *m, const char *what, json_t *detail, json_t *added)
{
	struct desk *d = m->desk;

	if (added) {
		json_object_set(detail, "recipients", json_object_get(added, "recipients"));
		json_object_set(detail, "added", json_object_get(added, "added"));
		json_object_set_new(detail, "rows", json_integer(m->counts.rows));
		json_object_set_new(detail, "bad", bad_json(m, added));
	}
	bool lost = json_is_true(json_object_get(detail, "approval_lost")) ||
		    json_is_true(json_object_get(added, "approval_lost"));
	if (d->args->json) {
		blast_print_json(detail);
	} else {
		if (added)
			print_list(m, added);
		printf("%s is %s%s (smsctl blast preview %s)\n", d->blast, what,
		       lost ? "; its approval is void, it must be submitted and approved again" : "", d->blast);
	}
	json_decref(added);
	json_decref(detail);
	return 0;
}

static void close_list(struct maker *m)
{
	if (m->has_list)
		m->source.close(m->source.arg);
}

/* ---- new ---- */

static int make(struct maker *m, struct err *err)
{
	struct desk *d = m->desk;
	json_t *texts = json_object(), *opts = options(m), *detail = NULL, *added = NULL;

	if (m->has_texts)
		blast_texts_json(&m->texts, texts);
	if (m->has_texts && m->texts.n > 0)
		json_object_set(opts, "variants", json_object_get(texts, "variants"));
	json_t *said = json_incref(json_object_get(texts, "texts"));
	json_decref(texts);
	const char *param[] = {
		d->blast, d->args->class, ask_array(d->arena, m->column, m->columns),
		m->has_texts ? dumped(m, said) : NULL, dumped(m, opts),
	};
	if (ask_do(d->conn, "BEGIN", err) < 0 ||
	    blast_call(d, Q_CTL_BLAST_NEW, 5, param, &detail, NULL, err) < 0 ||
	    (m->has_list && fill(m, &added, err) < 0) || ask_do(d->conn, "COMMIT", err) < 0) {
		json_decref(detail);
		json_decref(added);
		return -1;
	}
	return told(m, "a draft", detail, added);
}

int blast_make_new(struct desk *desk, struct err *err)
{
	struct maker m = { .desk = desk };

	if (!desk->args->class)
		return err_set(err, ERR_INPUT, "of which class?  --class service, notice, commercial or otp");
	int failed = read_times(&m, err) < 0 || read_texts(&m, err) < 0 || open_list(&m, err) < 0 ||
		     (m.has_texts && m.has_list && check_texts(&m, err) < 0) || make(&m, err) < 0;
	close_list(&m);
	return failed ? -1 : 0;
}

/* ---- edit ---- */

/* What is not given now is as it stands in the database. */
static int rest(struct maker *m, struct err *err)
{
	struct desk *d = m->desk;
	unsigned n;
	json_t *now;

	if (blast_call(d, Q_CTL_BLAST_SHOW, 1, &d->blast, &now, NULL, err) < 0)
		return -1;
	const char *const *there = blast_names(d, json_object_get(now, "columns"), &n);
	if (!m->has_texts)
		blast_texts_of(d->arena, now, &m->texts);
	bool same = n == m->columns;
	for (unsigned i = 0; m->has_list && same && i < n; i++)
		same = strcmp(there[i], m->column[i]) == 0;
	int failed = 0;
	m->listed = m->has_list || blast_number(now, "recipients") > 0;
	if (m->has_list && d->args->add && blast_number(now, "recipients") && !same)
		failed = err_set(err, ERR_INPUT, "%s: its columns are not those of the list, in that order (without --add "
				 "it replaces the list)", m->source.name);
	if (!m->has_list) {
		m->columns = n;
		m->column = there;
	}
	json_decref(now);
	return failed;
}

static int change(struct maker *m, struct err *err)
{
	struct desk *d = m->desk;
	json_t *changes = options(m), *detail = NULL, *added = NULL;

	if (d->args->class)
		json_object_set_new(changes, "class", json_string(d->args->class));
	if (m->has_texts)
		blast_texts_json(&m->texts, changes);
	if (m->has_list) {
		json_t *columns = json_array();

		for (unsigned i = 0; i < m->columns; i++)
			json_array_append_new(columns, json_string(m->column[i]));
		json_object_set_new(changes, "columns", columns);
	}
	const char *changed = dumped(m, changes);
	if (ask_do(d->conn, "BEGIN", err) < 0)
		return -1;
	if (m->has_list && !d->args->add) {
		if (blast_call(d, Q_CTL_BLAST_RECIPIENTS_CLEAR, 1, &d->blast, &detail, NULL, err) < 0)
			return -1;
		json_decref(detail);
	}
	const char *param[] = { d->blast, changed };
	if (blast_call(d, Q_CTL_BLAST_EDIT, 2, param, &detail, NULL, err) < 0 ||
	    (m->has_list && fill(m, &added, err) < 0) || ask_do(d->conn, "COMMIT", err) < 0) {
		json_decref(detail);
		json_decref(added);
		return -1;
	}
	return told(m, "changed", detail, added);
}

int blast_make_edit(struct desk *desk, struct err *err)
{
	struct maker m = { .desk = desk };

	int failed = read_times(&m, err) < 0 || read_texts(&m, err) < 0 || open_list(&m, err) < 0 || rest(&m, err) < 0 ||
		     ((m.has_texts || m.has_list) && m.texts.n && m.listed && check_texts(&m, err) < 0) ||
		     change(&m, err) < 0;
	close_list(&m);
	return failed ? -1 : 0;
}

/* ---- submit ---- */

/* The list may be older than the texts that are now to be filled from it. */
static int check_values(struct maker *m, struct err *err)
{
	struct desk *d = m->desk;
	const char *need[SHEET_COLUMNS_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < m->columns && n < SHEET_COLUMNS_MAX; i++)
		if (blast_texts_need(&m->texts, m->column[i]))
			need[n++] = m->column[i];
	const char *param[] = { d->who, d->blast, ask_array(d->arena, need, n) };
	PGresult *res = ask(d->conn, Q_CTL_BLAST_EMPTY, 3, param, err);
	if (!res)
		return -1;
	int failed = 0;
	if (PQntuples(res))
		failed = err_set(err, ERR_INPUT, "%s is empty for %s of the recipients, and the text uses it (write {{%s|or:…}}, or mend "
				 "the list)", PQgetvalue(res, 0, 0), PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 0));
	PQclear(res);
	return failed;
}

int blast_make_submit(struct desk *d, struct err *err)
{
	struct maker m = { .desk = d };
	json_t *detail;

	if (rest(&m, err) < 0 || check_texts(&m, err) < 0 || check_values(&m, err) < 0 ||
	    blast_call(d, Q_CTL_BLAST_SUBMIT, 1, &d->blast, &detail, NULL, err) < 0)
		return -1;
	if (d->args->json)
		blast_print_json(detail);
	else
		printf("%s is submitted: %s recipients; somebody else approves it: smsctl blast approve %s --hash %.12s\n",
		       d->blast, blast_thousands(d, blast_number(detail, "recipients")), d->blast,
		       blast_get(d, detail, "hash"));
	json_decref(detail);
	return 0;
}
