/* api_upload - see api_upload.h. */
#include "admin/api_upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/number_set.h"
#include "text/recipients.h"

enum { PORTION = 2000 };

struct portion {
	struct portion *next;
	struct buf json;
	unsigned rows;
};

struct upload {
	uv_work_t work;
	upload_fn *fn;			/* NULL: dropped */
	void *arg;
	bool working, csv;
	struct buf content;
	struct arena *arena;
	unsigned ncolumns, most;	/* most: of shown */
	const char **column;
	bool *required;
	struct api_problem problem;
	unsigned rows, bad, reason[RECIPIENT_FAULTS];
	json_t *shown;
	struct portion *first, **last, *taken;
};

/* ---- in the pool ---- */

static void add_text(struct buf *out, struct str text)
{
	json_t *json = json_stringn(text.ptr, text.len);

	if (!json) {
		buf_z(out, "null");
		return;
	}
	buf_room(out, 6 * text.len + 3);
	out->len += json_dumpb(json, out->ptr + out->len, out->cap - out->len, JSON_ENCODE_ANY);
	json_decref(json);
}

static void add_row(struct upload *u, unsigned line, const char *msisdn, const char *lang, const struct str *data)
{
	struct portion *p = u->first ? (struct portion *)((char *)u->last - offsetof(struct portion, next)) : NULL;

	if (!p || p->rows == PORTION) {
		p = mem_alloc(sizeof(*p));
		*u->last = p;
		u->last = &p->next;
	}
	buf_printf(&p->json, "%s[%u,", p->rows++ ? "," : "[", line);
	add_text(&p->json, str_z(msisdn));
	buf_char(&p->json, ',');
	if (lang)
		add_text(&p->json, str_z(lang));
	else
		buf_z(&p->json, "null");
	buf_z(&p->json, ",[");
	for (unsigned i = 0; i < u->ncolumns; i++) {
		if (i)
			buf_char(&p->json, ',');
		add_text(&p->json, data[i]);
	}
	buf_z(&p->json, "]]");
}

static void add_recipient(struct upload *u, const struct recipient *r, const unsigned *place)
{
	struct str data[SHEET_COLUMNS_MAX];

	u->rows++;
	if (r->fault == RECIPIENT_GOOD) {
		for (unsigned i = 0; i < u->ncolumns; i++)
			data[i] = r->data[place[i]];
		add_row(u, r->line, r->msisdn.text, r->lang, data);
		return;
	}
	u->bad++;
	u->reason[r->fault]++;
	if (json_array_size(u->shown) < u->most)
		json_array_append_new(u->shown, json_pack("{s:i, s:s, s:s}", "line", (int)r->line, "reason",
							  recipients_fault(r->fault), "why", r->why));
}

static unsigned column_of(struct upload *u, const char *name)
{
	unsigned i = 0;

	while (i < u->ncolumns && strcmp(u->column[i], name) != 0)
		i++;
	return i;
}

/* The file may have them in another order. */
static bool match_columns(struct upload *u, const char *const *name, unsigned n, unsigned *place)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned column = column_of(u, name[i]);

		if (column == u->ncolumns) {
			api_problem_set(&u->problem, "wrong_columns", "recipients", "name it in `columns` of the blast, or leave it out",
					"the blast has no column \"%.60s\"", name[i]);
			return false;
		}
		place[column] = i;
	}
	if (n == u->ncolumns)
		return true;
	for (unsigned i = 0; i < u->ncolumns; i++) {
		unsigned k = 0;

		while (k < n && strcmp(name[k], u->column[i]) != 0)
			k++;
		if (k == n)
			api_problem_set(&u->problem, "wrong_columns", "recipients", "the first line names the columns",
					"the column \"%.60s\" of the blast is missing", u->column[i]);
	}
	return false;
}

static void read_csv(struct upload *u)
{
	unsigned place[SHEET_COLUMNS_MAX];
	const char *const *name;
	struct recipient r;
	struct err err;
	struct recipients *list = recipients_new(buf_get(&u->content), &err);

	if (!list) {
		api_problem_set(&u->problem, "not_csv", "recipients", NULL, "line %s", err.text);
		return;
	}
	unsigned n = recipients_columns(list, &name);
	bool match = match_columns(u, name, n, place);
	for (unsigned i = 0; match && i < u->ncolumns; i++)
		if (u->required[i])
			recipients_require(list, place[i]);
	if (match)
		while (recipients_next(list, &r))
			add_recipient(u, &r, place);
	recipients_free(&list);
}

static bool read_item(struct upload *u, size_t i, json_t *item, struct str *data)
{
	const char *key;
	json_t *value;
	unsigned found = 0;

	json_object_foreach(item, key, value) {
		unsigned column = column_of(u, key);

		if (column < u->ncolumns && json_is_string(value)) {
			data[column] = str_n(json_string_value(value), json_string_length(value));
			found++;
		} else if (strcmp(key, "msisdn") != 0 && strcmp(key, "lang") != 0) {
			char place[120];

			snprintf(place, sizeof(place), "recipients[%zu].%.60s", i, key);
			api_problem_set(&u->problem, "wrong_columns", place, "the values of its columns are texts",
					column < u->ncolumns ? "\"%.60s\" is no text" : "the blast has no column \"%.60s\"", key);
			return false;
		}
	}
	if (json_is_object(item) && found == u->ncolumns)
		return true;
	api_problem_set(&u->problem, "wrong_columns", "recipients", NULL, "recipients[%zu] lacks a column of the blast", i);
	return false;
}

static struct str text_of(const json_t *item, const char *key)
{
	const char *z = json_string_value(json_object_get(item, key));

	return z ? str_z(z) : STR("");
}

static void read_json(struct upload *u)
{
	json_t *body = api_body_parse(buf_get(&u->content), &u->problem), *list = json_object_get(body, "recipients"), *item;
	unsigned place[SHEET_COLUMNS_MAX];
	size_t i;

	for (unsigned k = 0; k < SHEET_COLUMNS_MAX; k++)
		place[k] = k;
	if (body && (!json_is_array(list) || json_object_size(body) != 1))
		api_problem_set(&u->problem, "wrong_value", "recipients", NULL, "{\"recipients\": [{…}, …]} is wanted");
	struct number_set *seen = *u->problem.code ? NULL : number_set_new();
	for (i = 0; seen && i < json_array_size(list); i++) {
		struct str data[SHEET_COLUMNS_MAX] = { 0 };
		struct recipient r = { .line = (unsigned)i + 1, .data = data };

		item = json_array_get(list, i);
		if (!read_item(u, i, item, data))
			break;
		for (unsigned k = 0; k < u->ncolumns; k++)
			recipient_value(&r, u->column[k], data[k], u->required[k]);
		recipient_take(&r, seen, text_of(item, "msisdn"), text_of(item, "lang"));
		add_recipient(u, &r, place);
	}
	if (seen)
		number_set_free(&seen);
	json_decref(body);
}

static void on_work(uv_work_t *work)
{
	struct upload *u = work->data;

	if (u->csv)
		read_csv(u);
	else
		read_json(u);
	if (!*u->problem.code && !u->rows)
		api_problem_set(&u->problem, "no_rows", "recipients", NULL, "there is nobody in it");
	for (struct portion *p = u->first; p; p = p->next)
		buf_char(&p->json, ']');
	buf_free(&u->content);
}

/* ---- in the loop ---- */

static void portion_free(struct portion *p)
{
	if (!p)
		return;
	buf_free(&p->json);
	free(p);
}

static void upload_free(struct upload *u)
{
	while (u->first) {
		struct portion *p = u->first;

		u->first = p->next;
		portion_free(p);
	}
	portion_free(u->taken);
	buf_free(&u->content);
	json_decref(u->shown);
	arena_free(&u->arena);
	free(u);
}

static void on_done(uv_work_t *work, int status)
{
	struct upload *u = work->data;

	(void)status;
	u->working = false;
	if (u->fn)
		u->fn(u->arg);
	else
		upload_free(u);
}

struct upload *upload_new(uv_loop_t *loop, struct buf *content, const struct upload_of *of, upload_fn *fn, void *arg)
{
	struct upload *u = mem_alloc(sizeof(*u));

	*u = (struct upload){ .fn = fn, .arg = arg, .working = true, .csv = of->csv, .content = *content, .arena = arena_new(),
			      .ncolumns = of->n, .most = of->shown, .shown = json_array() };
	*content = (struct buf){ 0 };
	u->last = &u->first;
	u->column = arena_alloc(u->arena, (of->n + 1) * sizeof(*u->column));
	u->required = arena_alloc(u->arena, of->n + 1);
	for (unsigned i = 0; i < of->n; i++) {
		u->column[i] = arena_z(u->arena, str_z(of->column[i]));
		u->required[i] = of->required[i];
	}
	u->work.data = u;
	uv_queue_work(loop, &u->work, on_work, on_done);
	return u;
}

void upload_drop(struct upload **upload)
{
	struct upload *u = *upload;

	*upload = NULL;
	if (!u)
		return;
	u->fn = NULL;
	if (!u->working)
		upload_free(u);
}

const struct api_problem *upload_problem(const struct upload *u)
{
	return *u->problem.code ? &u->problem : NULL;
}

unsigned upload_rows(const struct upload *u)
{
	return u->rows;
}

unsigned upload_bad(const struct upload *u)
{
	return u->bad;
}

json_t *upload_faults(const struct upload *u)
{
	json_t *bad = json_object();

	for (unsigned i = RECIPIENT_GOOD + 1; i < RECIPIENT_FAULTS; i++)
		if (u->reason[i])
			json_object_set_new(bad, recipients_fault(i), json_integer(u->reason[i]));
	return json_pack("{s:o, s:O}", "bad", bad, "rows", u->shown);
}

struct str upload_portion(struct upload *u)
{
	portion_free(u->taken);
	u->taken = u->first;
	if (!u->taken)
		return (struct str){ 0 };
	u->first = u->taken->next;
	return str_n(buf_cstr(&u->taken->json), u->taken->json.len);
}
