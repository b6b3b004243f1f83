/* api_blast - requests of the API about blasts that are more than one statement: before a blast is submitted its texts are
 * compiled against its columns, in its preview the sample is rendered as it will be sent, and a list of recipients is read
 * in the pool and goes to the database in portions, so that neither the loop nor memory is filled by it. */
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_private.h"
#include "text/optout.h"
#include "text/segment.h"
#include "text/template.h"

enum { COLUMNS_MAX = 64 };

static const char *const langs[] = { "zh", "en" };

bool api_blast_wants_look(const struct route *route)
{
	return route->does == DOES_UPLOAD || route->does == DOES_SUBMIT || route->does == DOES_PREVIEW;
}

void api_blast_drop(struct call *call)
{
	upload_drop(&call->upload);
	if (call->uploading)
		call->api->uploads--;
	call->uploading = false;
}

static void next_step(struct call *call, enum call_step step)
{
	call->step = step;
	link_add(&call->api->link[LINK_SLOW], call);
}

void api_blast_look(struct call *call)
{
	next_step(call, STEP_LOOK);
}

/* ---- texts ---- */

struct complaint {
	const char *variant, *lang;
	struct api_problem problem;
};

static void complain(void *arg, const struct template_error *error)
{
	struct complaint *c = arg;
	char place[120];

	if (*c->problem.code)
		return;
	snprintf(place, sizeof(place), "texts.%s.%s", c->variant, c->lang);
	api_problem_set(&c->problem, "bad_text", place, NULL, "at byte %u: %s", error->offset, error->text);
}

static unsigned columns_of(const struct call *call, const char *name[COLUMNS_MAX])
{
	const json_t *columns = json_object_get(call->blast, "columns");
	unsigned n = 0;

	while (n < json_array_size(columns) && n < COLUMNS_MAX) {
		name[n] = json_string_value(json_array_get(columns, n));
		n++;
	}
	return n;
}

/* NULL, and a problem, when it does not compile. */
static struct template *compile(struct call *call, const char *variant, const char *lang, struct complaint *c)
{
	const json_t *texts = json_object_get(json_object_get(call->blast, "texts"), variant);
	const char *source = json_string_value(json_object_get(texts, lang)), *name[COLUMNS_MAX];
	unsigned n = columns_of(call, name);

	c->variant = variant;
	c->lang = lang;
	return source ? template_new(call->arena, str_z(source), name, n, complain, c) : NULL;
}

static bool check_texts(struct call *call)
{
	struct complaint c = { 0 };
	const char *variant;
	json_t *texts;

	json_object_foreach(json_object_get(call->blast, "texts"), variant, texts)
		for (unsigned l = 0; l < 2; l++)
			compile(call, variant, langs[l], &c);
	if (!*c.problem.code)
		return true;
	call_refuse(call, 400, &c.problem);
	return false;
}

/* ---- the preview ---- */

struct values {
	const char *name[COLUMNS_MAX];
	const json_t *data;		/* by name */
};

static struct str value_at(void *arg, unsigned row, unsigned column)
{
	const struct values *values = arg;
	const char *z = json_string_value(json_object_get(values->data, values->name[column]));

	(void)row;
	return z ? str_z(z) : (struct str){ 0 };
}

/* What this recipient would read. */
static void render(struct call *call, json_t *person)
{
	const char *variant = json_string_value(json_object_get(person, "variant"));
	const char *lang = json_string_value(json_object_get(person, "lang"));
	struct complaint c = { 0 };
	struct buf out = { 0 };

	if (!variant || !lang)
		return;			/* of the control group */
	struct template *template = compile(call, variant, lang, &c);
	if (!template)
		return;
	struct values values = { .data = json_object_get(person, "data") };
	struct template_data data = { .rows = 1, .get = value_at, .arg = &values, .lang = lang };
	columns_of(call, values.name);
	template_render(template, &data, &out);
	const char *line = json_string_value(json_object_get(json_object_get(call->blast, "opt_out"), lang));
	struct str text = optout_append(call->arena, arena_str(call->arena, buf_get(&out)), str_z(line ? line : ""));
	buf_free(&out);
	json_object_set_new(person, "text", json_stringn(text.ptr, text.len));
	json_object_set_new(person, "segments", json_integer(segment_count(text)));
}

static void preview_done(struct call *call)
{
	struct str text = db_cell(call->res, 0, 1);
	json_t *detail = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL), *person;
	size_t i;

	json_array_foreach(json_object_get(detail, "sample"), i, person)
		render(call, person);
	call_say(call, detail ? detail : json_object());
}

/* ---- recipients ---- */

static bool keeps_bad(const struct call *call)
{
	const char *bad = json_string_value(json_object_get(call->query, "bad"));

	return bad && strcmp(bad, "keep") == 0;
}

static void next_portion(struct call *call)
{
	call->portion = upload_portion(call->upload);
	next_step(call, call->portion.ptr ? STEP_LOAD : STEP_QUERY);
}

static void set_reading(struct call *call, bool now)
{
	struct call **place = call->api->reading;

	while (*place != (now ? NULL : call))
		place++;
	*place = now ? call : NULL;
}

static void on_read(void *arg)
{
	struct call *call = arg;
	const struct api_problem *problem = upload_problem(call->upload);
	char message[120];

	set_reading(call, false);
	if (problem) {
		call_refuse(call, 400, problem);
	} else if (upload_bad(call->upload) && !keeps_bad(call)) {
		snprintf(message, sizeof(message), "%u of %u rows are bad: none was taken", upload_bad(call->upload),
			 upload_rows(call->upload));
		call_refuse_detail(call, 400, "bad_rows", message, upload_faults(call->upload));
	} else {
		next_portion(call);
	}
}

static void read_list(struct call *call)
{
	const char *name[COLUMNS_MAX];
	unsigned n = columns_of(call, name);

	call->state = CALL_WAITS;
	set_reading(call, true);
	call->upload = upload_new(call->api->loop, &call->in, call->type == TYPE_CSV, name, n, on_read, call);
}

void api_blast_stop(struct api *api)
{
	for (unsigned i = 0; i < API_UPLOADS_MAX; i++) {
		struct call *call = api->reading[i];

		if (!call)
			continue;
		set_reading(call, false);
		upload_drop(&call->upload);
		call_unavailable(call, 1, "stopping", "smsd is about to end: nothing was changed");
	}
}

/* The database counts the rows that it saw; those that it never saw were bad too. */
static void upload_done(struct call *call)
{
	struct str text = db_cell(call->res, 0, 1);
	json_t *detail = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL), *faults = upload_faults(call->upload), *count;
	json_t *bad = json_object_get(detail, "bad"), *rows = json_object_get(detail, "rows");
	const char *reason;

	if (!json_is_object(bad) || !json_is_array(rows)) {
		json_decref(faults);
		call_say(call, detail ? detail : json_object());
		return;
	}
	json_object_foreach(json_object_get(faults, "bad"), reason, count)
		json_object_set_new(bad, reason, json_integer(json_integer_value(json_object_get(bad, reason)) +
							      json_integer_value(count)));
	json_array_extend(rows, json_object_get(faults, "rows"));
	json_object_set_new(detail, "lines", json_integer(upload_rows(call->upload)));
	json_decref(faults);
	call_say(call, detail);
}

/* ---- steps ---- */

static bool went_well(const struct call *call)
{
	return db_blame(call->res) == DB_OK && PQntuples(call->res) == 1 && str_eqz(db_cell(call->res, 0, 0), "ok");
}

static void looked(struct call *call)
{
	struct str text = db_cell(call->res, 0, 1);

	call->blast = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);
	if (call->route->does == DOES_UPLOAD)
		read_list(call);
	else if (call->route->does == DOES_PREVIEW || check_texts(call))
		next_step(call, STEP_QUERY);
}

void api_blast_step_done(struct call *call)
{
	if (call->step == STEP_LOAD && db_blame(call->res) == DB_OK)
		next_portion(call);
	else if (!went_well(call))
		call_outcome(call);
	else if (call->step == STEP_LOOK)
		looked(call);
	else if (call->route->does == DOES_UPLOAD)
		upload_done(call);
	else if (call->route->does == DOES_PREVIEW)
		preview_done(call);
	else
		call_outcome(call);
}
