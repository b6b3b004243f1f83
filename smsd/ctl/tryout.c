/* tryout - see tryout.h. */
#include "ctl/tryout.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl/folder.h"
#include "table/ask.h"
#include "table/problems.h"
#include "table/verify.h"
#include "table/versions.h"
#include "text/fold.h"

static int load_folder(PGconn *conn, const char *dir, struct arena *arena, struct tables **tables_r,
		       struct err *err)
{
	struct problems problems = { .arena = arena };
	struct verified verified;
	struct source *source;
	unsigned n;
	int failed = 0;

	if (folder_read(dir, arena, &source, &n, err) != 0)
		return -1;
	*tables_r = tables_parse(source, n, &problems);
	if (!problems.errors)
		failed = verify_tables(conn, *tables_r, &problems, &verified, err);
	if (!failed && problems.errors) {
		problems_sort(&problems);
		problems_print(stderr, &problems);
		failed = err_set(err, ERR_INPUT, "%s: the tables have errors", dir);
	}
	if (failed)
		tables_unref(tables_r);
	return failed;
}

int tryout_load(PGconn *conn, const char *dir, struct arena *arena, struct tables **tables_r,
		struct vocabulary **vocabulary_r, struct err *err)
{
	if (fold_init(err) != 0)
		return -1;
	if (!dir)
		return versions_load_active(conn, tables_r, vocabulary_r, err);
	if (load_folder(conn, dir, arena, tables_r, err) != 0)
		return -1;
	if (versions_vocabulary(conn, vocabulary_r, err) == 0)
		return 0;
	tables_unref(tables_r);
	return -1;
}

int tryout_now(PGconn *conn, const char *given, struct arena *arena, struct tryout_now *out_r,
	       struct err *err)
{
	PGresult *result = ask(conn, Q_CTL_NOW, 1, &given, err);

	if (!result && given && PQstatus(conn) == CONNECTION_OK)
		return err_set(err, ERR_INPUT,
			       "'%s' is no time (write 2026-11-22 or 2026-11-22 08:30)", given);
	if (!result)
		return -1;
	out_r->text = arena_str(arena, ask_value(result, 0, 0));
	out_r->time = atoll(PQgetvalue(result, 0, 1));
	PQclear(result);
	return 0;
}

static int look_up_sender(const struct tryout_input *in, struct arena *arena, struct tryout *out,
			  struct err *err)
{
	const char *param = arena_z(arena, in->msisdn);
	PGresult *result = ask(in->conn, Q_CTL_SENDER, 1, &param, err);

	if (!result)
		return -1;
	out->lang = lang_parse(in->lang ? str_z(in->lang) : ask_value(result, 0, 0));
	out->lang_why = in->lang ? "given" : arena_z(arena, ask_value(result, 0, 1));
	out->province = arena_str(arena, ask_value(result, 0, 2));
	PQclear(result);
	return 0;
}

static void match(const struct tryout_input *in, struct arena *arena, struct tryout *out)
{
	struct match_context context = {
		.vocabulary = in->vocabulary,
		.port = in->port,
		.province = out->province,
		.now = in->now.time,
		.asks = match_asks(in->text),
	};

	out->text = fold_utf8_ok(in->text) ? in->text : fold_utf8_mend(arena, in->text);
	out->folded = fold_text(arena, out->text);
	match_text(in->tables, &context, arena, out->folded, &out->match);
}

/* How often the sender was shown each tip within its cap's days. */
static int count_tips(const struct tryout_input *in, struct arena *arena, struct reply_input *reply,
		      struct err *err)
{
	const struct tables *t = in->tables;
	const char **name = arena_alloc(arena, (t->ntips + 1) * sizeof(*name));
	const char **days = arena_alloc(arena, (t->ntips + 1) * sizeof(*days));
	struct tip_count *count;

	for (unsigned i = 0; i < t->ntips; i++) {
		name[i] = t->tip[i]->name;
		days[i] = arena_printf(arena, "%u", t->tip[i]->cap_days).ptr;
	}
	const char *param[] = { arena_z(arena, in->msisdn), ask_array(arena, name, t->ntips),
				ask_array(arena, days, t->ntips), in->now.text.ptr };
	PGresult *result = ask(in->conn, Q_CTL_TIPS_SHOWN, 4, param, err);
	if (!result)
		return -1;
	reply->ntip_counts = PQntuples(result);
	reply->tip_counts = count = arena_alloc(arena, (reply->ntip_counts + 1) * sizeof(*count));
	for (unsigned i = 0; i < reply->ntip_counts; i++)
		count[i] = (struct tip_count){ arena_str(arena, ask_value(result, i, 0)),
					       ask_int(result, i, 1) };
	PQclear(result);
	return 0;
}

static int count_changes(PGconn *conn, long long *n_r, struct err *err)
{
	PGresult *result = ask(conn, Q_CTL_CHANGES, 0, NULL, err);

	if (!result)
		return -1;
	*n_r = atoll(PQgetvalue(result, 0, 0));
	PQclear(result);
	return 0;
}

/* NULL when the SQL failed: out says how. */
static PGresult *run(const struct tryout_input *in, const struct uuid *mo_id, struct arena *arena,
		     struct tryout *out)
{
	const struct command *command = out->match.command;
	const struct param_input params = {
		.match = &out->match, .msisdn = in->msisdn, .port = in->port, .link = in->link,
		.now = in->now.text, .mo_id = mo_id, .lang = out->lang,
	};
	const char *param[PARAMS_MAX];

	reply_params(&params, arena, param);
	PGresult *result = PQexecParams(in->conn, command->statement, command->nparams, NULL, param,
					NULL, NULL, 0);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	out->failed = true;
	snprintf(out->sqlstate, sizeof(out->sqlstate), "%s", state ? state : "08006");
	ask_fail(in->conn, result, &out->error);
	PQclear(result);
	return NULL;
}

static int set_timeout(PGconn *conn, unsigned ms, struct err *err)
{
	char text[16];
	const char *param = text;

	snprintf(text, sizeof(text), "%u", ms);
	PGresult *result = ask(conn, Q_CTL_TIMEOUT, 1, &param, err);
	PQclear(result);
	return result ? 0 : -1;
}

/* The database's own count tells a command's effect; its outcome's name would be a guess. */
static int execute(const struct tryout_input *in, const struct uuid *mo_id, struct arena *arena,
		   struct tryout *out, PGresult **result_r, struct err *err)
{
	long long before = 0, after = 0;

	if (count_changes(in->conn, &before, err) != 0 ||
	    ask_do(in->conn, "SAVEPOINT tryout", err) != 0 ||
	    set_timeout(in->conn, out->match.command->timeout_ms, err) != 0)
		return -1;
	*result_r = run(in, mo_id, arena, out);
	if (ask_do(in->conn, "ROLLBACK TO tryout", err) != 0 ||
	    ask_do(in->conn, "RELEASE tryout", err) != 0 ||
	    count_changes(in->conn, &after, err) != 0)
		return -1;
	out->changed = after > before && !out->failed;
	return 0;
}

/* A table and a function that disagree park the text as an error of the SQL does. */
static void answer(struct reply_input *reply, struct arena *arena, struct tryout *out)
{
	if (!reply->failed && reply_make(reply, arena, &out->reply, &out->error) == 0)
		return;
	if (!reply->failed)
		snprintf(out->sqlstate, sizeof(out->sqlstate), "%s", "-");
	out->failed = reply->failed = true;
	struct err second;
	if (reply_make(reply, arena, &out->reply, &second) != 0)	/* the check refuses such tables */
		out->reply = (struct reply){ .outcome = STR("error"), .text = STR("") };
}

int tryout_run(const struct tryout_input *in, struct arena *arena, struct tryout *out_r,
	       struct err *err)
{
	struct uuid mo_id = uuid_v7();
	PGresult *result = NULL;

	*out_r = (struct tryout){ 0 };
	if (look_up_sender(in, arena, out_r, err) != 0)
		return -1;
	match(in, arena, out_r);
	struct reply_input reply = {
		.tables = in->tables,
		.match = &out_r->match,
		.lang = out_r->lang,
		.msisdn = in->msisdn,
		.port = in->port,
		.now = in->now.text,
		.mo_id = &mo_id,
	};
	if (in->tables->ntips && count_tips(in, arena, &reply, err) != 0)
		return -1;
	if (out_r->match.kind == MATCH_COMMAND &&
	    execute(in, &mo_id, arena, out_r, &result, err) != 0) {
		PQclear(result);
		return -1;
	}
	reply.failed = out_r->failed;
	reply.result = result;
	answer(&reply, arena, out_r);
	PQclear(result);
	struct err none;
	if (segment_text(out_r->reply.text, SEGMENT_MAX, &out_r->segments, &none) != 0)
		out_r->segments.count = out_r->reply.segments;
	return 0;
}
