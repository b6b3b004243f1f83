/* api_blast - requests of the API about blasts that are more than one statement: before a blast is submitted its texts are
 * compiled against its columns and its list is asked for the values that they lack, for its preview and its tests messages are
 * rendered as they will be sent, some of them at most, and a list of recipients is read in the pool and goes to the database in
 * portions, so that neither the loop nor memory is filled by it. */
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_private.h"
#include "text/msisdn.h"
#include "text/sheet.h"

bool api_blast_wants_look(const struct call *call)
{
	switch (call->route->does) {
	case DOES_UPLOAD:
	case DOES_SUBMIT:
	case DOES_PREVIEW:
	case DOES_TEST:
		return true;
	case DOES_EDIT:
		return json_object_get(call->body, "texts") || json_object_get(call->body, "columns");
	default:
		return false;
	}
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

/* json is taken over. */
static void make(struct call *call, json_t *json)
{
	json_decref(call->made);
	call->made = json;
}

static json_t *detail_of(const struct call *call)
{
	struct str text = db_cell(call->res, 0, 1);
	json_t *detail = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);

	return detail ? detail : json_object();
}

/* ---- texts */

/* The first is told. */
static void complain(void *arg, const char *variant, const char *lang, const struct template_error *error)
{
	struct api_problem *problem = arg;
	char place[120];

	if (*problem->code)
		return;
	snprintf(place, sizeof(place), "texts.%s.%s", variant, lang);
	api_problem_set(problem, "bad_text", place, NULL, "at byte %u: %s", error->offset, error->text);
}

static bool compile(struct call *call)
{
	struct api_problem problem = { 0 };

	call->press = press_new(call->arena, call->blast, complain, &problem);
	if (!call->press)
		call_refuse(call, 400, &problem);
	return call->press;
}

/* ---- a change: the blast as it would be then */

static bool one_variant(const json_t *texts)
{
	return json_is_string(json_object_get(texts, "zh")) || json_is_string(json_object_get(texts, "en"));
}

static void edit_looked(struct call *call)
{
	json_t *columns = json_object_get(call->body, "columns"), *texts = json_object_get(call->body, "texts");
	bool listed = json_integer_value(json_object_get(call->blast, "recipients")) > 0;

	if (json_is_array(columns))
		json_object_set(call->blast, "columns", columns);
	if (json_is_object(texts))
		json_object_set_new(call->blast, "texts", one_variant(texts) ? json_pack("{s:O}", "A", texts) : json_incref(texts));
	if (!listed || compile(call))		/* without a list, its columns may yet come */
		next_step(call, STEP_QUERY);
}

/* ---- submitting */

static void submit_looked(struct call *call)
{
	if (!compile(call))
		return;
	make(call, press_needs(call->press));
	next_step(call, json_array_size(call->made) ? STEP_EMPTY : STEP_QUERY);
}

/* The list may be older than the texts that are now to be filled from it. */
static void emptied(struct call *call)
{
	struct api_problem problem;

	if (!PQntuples(call->res)) {
		next_step(call, STEP_QUERY);
		return;
	}
	const char *name = PQgetvalue(call->res, 0, 0);
	api_problem_set(&problem, "empty_values", "recipients", "write {{name|or:…}} in the text, or mend the list",
			"%s is empty for %s of the recipients, and a text uses it", name, PQgetvalue(call->res, 0, 1));
	call_refuse(call, 409, &problem);
}

/* ---- the preview */

static void preview_rows(struct call *call)
{
	json_t *price = json_object_get(call->query, "price"), *sample = json_object_get(call->query, "sample");

	press_tell(call->press, call->res, price ? json_number_value(price) : -1, sample ? json_integer_value(sample) : 10,
		   call->made);
	json_object_set(call->made, "sample", json_object_get(call->made, "messages"));
	json_object_del(call->made, "messages");
	call_say(call, json_incref(call->made));
}

/* ---- a test */

/* The numbers in their one form, each once. */
static void test_looked(struct call *call)
{
	json_t *numbers = json_array(), *given = json_object_get(call->body, "numbers"), *item, *other;
	struct api_problem problem;
	struct msisdn number;
	size_t i, k;

	make(call, numbers);
	json_array_foreach(given, i, item) {
		char place[40];
		bool twice = false;

		if (msisdn_parse(str_z(json_string_value(item)), &number, NULL) < 0) {
			snprintf(place, sizeof(place), "numbers[%zu]", i);
			api_problem_set(&problem, "wrong_value", place, "13800138000 or +85261234567", "no subscriber's number");
			call_refuse(call, 400, &problem);
			return;
		}
		json_array_foreach(numbers, k, other)
			twice |= strcmp(json_string_value(other), number.text) == 0;
		if (!twice)
			json_array_append_new(numbers, json_string(number.text));
	}
	if (compile(call))
		next_step(call, STEP_TESTERS);
}

static void test_rows(struct call *call)
{
	struct err err;
	json_t *tests = press_tests(call->press, call->testers, call->res, &err);

	if (!tests) {
		call_refuse_text(call, 400, "no_test", NULL, err.text);
		return;
	}
	make(call, tests);
	next_step(call, STEP_QUERY);
}

static void test_done(struct call *call)
{
	json_t *detail = detail_of(call), *one;
	char masked[MSISDN_MAX + 1];
	size_t i;

	json_array_foreach(call->made, i, one) {
		msisdn_mask(str_z(json_string_value(json_object_get(one, "msisdn"))), masked);
		json_object_set_new(one, "msisdn", json_string(masked));
	}
	json_object_set(detail, "messages", call->made);
	call_say(call, detail);
}

/* ---- recipients */

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

/* A column that a text shows bare must not be empty; a draft's texts may not compile yet. */
static void read_list(struct call *call)
{
	const json_t *columns = json_object_get(call->blast, "columns"), *shown = json_object_get(call->query, "shown");
	struct press *press = press_new(call->arena, call->blast, NULL, NULL);
	json_t *needs = press ? press_needs(press) : json_array(), *need;
	const char *name[SHEET_COLUMNS_MAX];
	bool required[SHEET_COLUMNS_MAX] = { 0 };
	struct upload_of of = { .csv = call->type == TYPE_CSV, .column = name, .required = required,
				.shown = shown ? json_integer_value(shown) : 20 };
	size_t i;

	while (of.n < json_array_size(columns) && of.n < SHEET_COLUMNS_MAX) {
		name[of.n] = json_string_value(json_array_get(columns, of.n));
		json_array_foreach(needs, i, need)
			required[of.n] |= strcmp(json_string_value(need), name[of.n]) == 0;
		of.n++;
	}
	json_decref(needs);
	call->state = CALL_WAITS;
	set_reading(call, true);
	call->upload = upload_new(call->api->loop, &call->in, &of, on_read, call);
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
	json_t *detail = detail_of(call), *faults = upload_faults(call->upload), *count;
	json_t *bad = json_object_get(detail, "bad"), *rows = json_object_get(detail, "rows");
	const char *reason;

	if (!json_is_object(bad) || !json_is_array(rows)) {
		json_decref(faults);
		call_say(call, detail);
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

/* ---- steps */

static bool went_well(const struct call *call)
{
	return db_blame(call->res) == DB_OK && PQntuples(call->res) == 1 && str_eqz(db_cell(call->res, 0, 0), "ok");
}

static void looked(struct call *call)
{
	call->blast = detail_of(call);
	switch (call->route->does) {
	case DOES_UPLOAD:
		read_list(call);
		break;
	case DOES_EDIT:
		edit_looked(call);
		break;
	case DOES_SUBMIT:
		submit_looked(call);
		break;
	case DOES_TEST:
		test_looked(call);
		break;
	default:
		if (compile(call))
			next_step(call, STEP_QUERY);
	}
}

/* Rows, not an outcome. */
static void rows_done(struct call *call)
{
	if (call->step == STEP_LOAD) {
		next_portion(call);
	} else if (call->step == STEP_EMPTY) {
		emptied(call);
	} else if (call->step == STEP_TESTERS) {
		call->testers = call->res;
		call->res = NULL;
		next_step(call, STEP_ROWS);
	} else if (call->route->does == DOES_TEST) {
		test_rows(call);
	} else {
		preview_rows(call);
	}
}

static void done(struct call *call)
{
	if (call->route->does == DOES_UPLOAD) {
		upload_done(call);
	} else if (call->route->does == DOES_TEST) {
		test_done(call);
	} else if (call->route->does == DOES_PREVIEW) {
		make(call, detail_of(call));
		next_step(call, STEP_ROWS);
	} else {
		call_outcome(call);
	}
}

void api_blast_step_done(struct call *call)
{
	bool outcome = call->step == STEP_LOOK || call->step == STEP_QUERY;

	if (!outcome && db_blame(call->res) == DB_OK)
		rows_done(call);
	else if (!went_well(call))
		call_outcome(call);
	else if (call->step == STEP_LOOK)
		looked(call);
	else
		done(call);
}
