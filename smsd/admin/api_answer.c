/* api_answer - how calls of the API end: refusals, what the database said, the line in the log. */
#include <stdlib.h>

#include "admin/api_private.h"
#include "base/log.h"
#include "base/metric.h"

void call_ended(struct call *call)
{
	double seconds = (double)(uv_hrtime() - call->begun_ns) / 1e9;
	char status[8];

	call->state = CALL_ANSWERED;
	buf_free(&call->in);
	snprintf(status, sizeof(status), "%u", call->page.status);
	metric_add_label(M_API, status, 1);
	metric_observe(M_API_SECONDS, seconds);
	log_info("api", "request=%s method=%s path=%s status=%u code=%s token=%d who=%s from=%s ms=%.1f", call->page.request,
		 call->method, call->route ? call->route->path : "-", call->page.status, *call->code ? call->code : "ok",
		 call->token, call->who ? call->who : "-", call->from, seconds * 1e3);
	call->api->ready(call->arg);
}

static void put_json(struct call *call, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));

	buf_z(&call->page.body, text ? text : "{}");
	buf_char(&call->page.body, '\n');
	free(text);
	json_decref(json);
}

void call_say(struct call *call, json_t *json)
{
	call->page.status = call->route->status;
	put_json(call, json);
	call_ended(call);
}

static void refuse_json(struct call *call, unsigned status, const char *code, json_t *error)
{
	call->page.status = status;
	snprintf(call->code, sizeof(call->code), "%s", code);
	put_json(call, json_pack("{s:o}", "error", error));
	call_ended(call);
}

void call_refuse(struct call *call, unsigned status, const struct api_problem *problem)
{
	refuse_json(call, status, problem->code, api_problem_json(problem));
}

void call_refuse_text(struct call *call, unsigned status, const char *code, const char *remedy, const char *message)
{
	struct api_problem problem;

	api_problem_set(&problem, code, NULL, remedy, "%s", message);
	call_refuse(call, status, &problem);
}

void call_refuse_detail(struct call *call, unsigned status, const char *code, const char *message, json_t *detail)
{
	struct api_problem problem;

	api_problem_set(&problem, code, NULL, NULL, "%s", message);
	json_t *error = api_problem_json(&problem);
	json_object_set_new(error, "detail", detail);
	refuse_json(call, status, code, error);
}

void call_unavailable(struct call *call, unsigned retry_s, const char *code, const char *message)
{
	call->page.retry_s = retry_s;
	call_refuse_text(call, 503, code, "send it again after Retry-After", message);
}

static void internal(struct call *call, const char *error)
{
	log_error("api_failed", "request=%s %s", call->page.request, error);
	call_refuse_text(call, 500, "internal", "the log of smsd has more under this X-Request-Id",
			 "this failed by an error of ours: nothing was changed");
}

/* What the caller's own words did wrong; false: it was something else. */
static bool own_fault(struct call *call, const char *state)
{
	static const char *const own[] = { "22", "23", "P0001" };
	struct api_problem problem;

	for (unsigned i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (strncmp(state, own[i], strlen(own[i])) != 0)
			continue;
		api_problem_set(&problem, "refused", NULL, PQresultErrorField(call->res, PG_DIAG_MESSAGE_HINT), "%s",
				PQresultErrorField(call->res, PG_DIAG_MESSAGE_PRIMARY));
		call_refuse(call, 400, &problem);
		return true;
	}
	return false;
}

void call_failed(struct call *call)
{
	bool changes = call->step == STEP_QUERY && call->route->method != API_GET;
	const char *state = db_sqlstate(call->res);
	char error[640];

	if (strcmp(state, "02000") == 0) {
		call_refuse_text(call, 404, "unknown", NULL, PQresultErrorField(call->res, PG_DIAG_MESSAGE_PRIMARY));
		return;
	}
	switch (db_blame(call->res)) {
	case DB_BLAME_CONNECTION:
		if (changes)
			call_unavailable(call, 2, "unknown_outcome", "the database was lost before it answered: "
					 "this was done or was not");
		else
			call_unavailable(call, 2, "database_down", "the database is not there: nothing was changed");
		return;
	case DB_BLAME_SERVER:
		call_unavailable(call, 1, "try_again", "the database could not do it now: nothing was changed");
		return;
	default:
		break;
	}
	if (strcmp(state, "57014") == 0) {
		call_unavailable(call, 10, "timeout", "the database took too long: nothing was changed");
		return;
	}
	if (own_fault(call, state))
		return;
	snprintf(error, sizeof(error), "sqlstate=%s error=\"%s\"", state, db_message(call->res));
	internal(call, error);
}

static unsigned status_of(const char *outcome)
{
	static const struct { const char *outcome; unsigned status; } status[] = {
		{ "unknown", 404 }, { "no_such_blast", 404 }, { "forbidden", 403 }, { "own", 403 }, { "bad_value", 400 },
		{ "bad_rows", 400 }, { "incomplete", 400 },
	};

	for (unsigned i = 0; i < sizeof(status) / sizeof(*status); i++)
		if (strcmp(outcome, status[i].outcome) == 0)
			return status[i].status;
	return 409;
}

/* The detail says why as far as it knows: field, why, and whatever else. */
static void refused(struct call *call, const char *outcome, struct str text)
{
	json_t *detail = text.ptr ? json_loadb(text.ptr, text.len, 0, NULL) : NULL;
	const char *why = json_string_value(json_object_get(detail, "why"));
	const char *field = json_string_value(json_object_get(detail, "field"));
	unsigned status = status_of(outcome);
	struct api_problem problem;

	api_problem_set(&problem, outcome, field, NULL, "%s",
			why ? why : status == 404 ? "there is no such thing" : "this cannot be done now");
	json_t *error = api_problem_json(&problem);
	if (json_is_object(detail) && json_object_size(detail))
		json_object_set(error, "detail", detail);
	json_decref(detail);
	refuse_json(call, status, outcome, error);
}

void call_outcome(struct call *call)
{
	const PGresult *res = call->res;

	if (db_blame(res) != DB_OK) {
		call_failed(call);
		return;
	}
	if (PQntuples(res) != 1 || PQgetisnull(res, 0, 0)) {
		internal(call, "error=\"not one row\"");
		return;
	}
	struct str outcome = db_cell(res, 0, 0), detail = db_cell(res, 0, 1);
	if (!str_eqz(outcome, "ok")) {
		refused(call, outcome.ptr, detail);
		return;
	}
	call->page.status = call->route->status;
	buf_str(&call->page.body, detail.ptr ? detail : STR("{}"));
	buf_char(&call->page.body, '\n');
	call_ended(call);
}
