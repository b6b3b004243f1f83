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

static void take_lists(struct arena *arena, struct str names, struct match_context *context)
{
	enum { MAX = 8 };
	struct str *list = arena_alloc(arena, MAX * sizeof(*list));

	names = arena_str(arena, names);
	while (names.len && context->nlists < MAX) {
		const char *comma = memchr(names.ptr, ',', names.len);

		list[context->nlists] = str_n(names.ptr, comma ? (size_t)(comma - names.ptr) : names.len);
		str_skip(&names, list[context->nlists].len + (comma != NULL));
		context->nlists++;
	}
	context->list = list;
}

static int look_up_sender(const struct tryout_input *in, struct arena *arena, struct match_context *context,
			  struct tryout *out, struct err *err)
{
	const char *param = arena_z(arena, in->msisdn);
	PGresult *result = ask(in->conn, Q_CTL_SENDER, 1, &param, err);

	if (!result)
		return -1;
	out->lang = lang_parse(in->lang ? str_z(in->lang) : ask_value(result, 0, 0));
	out->lang_why = in->lang ? "given" : arena_z(arena, ask_value(result, 0, 1));
	out->province = arena_str(arena, ask_value(result, 0, 2));
	context->province = out->province;
	context->brand = arena_str(arena, ask_value(result, 0, 3));
	take_lists(arena, ask_value(result, 0, 4), context);
	PQclear(result);
	return 0;
}

/* Whether he may be shown a tip at all. */
static int ask_room(const struct tryout_input *in, struct arena *arena, struct talk_input *talk, struct err *err)
{
	const char *param[] = { arena_z(arena, in->msisdn), in->now.text.ptr };
	PGresult *result = ask(in->conn, Q_CTL_TIP_ROOM, 2, param, err);

	if (!result)
		return -1;
	talk->tip_room = PQntuples(result) == 1;
	PQclear(result);
	return 0;
}

/* How often the sender was shown each tip within its cap's days. */
static int count_tips(const struct tryout_input *in, struct arena *arena, struct talk_input *talk,
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
	talk->ntip_counts = PQntuples(result);
	talk->tip_counts = count = arena_alloc(arena, (talk->ntip_counts + 1) * sizeof(*count));
	for (unsigned i = 0; i < talk->ntip_counts; i++)
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
	const struct command *command = talk_command(&out->talk);
	struct match match = out->talk.match;
	const struct param_input params = {
		.match = &match, .quoted = &out->talk.quoted, .hash_new = "(the hash of the new password)", .msisdn = in->msisdn, .port = in->port, .link = in->link,
		.now = in->now.text, .mo_id = mo_id, .lang = out->lang,
	};
	const char *param[PARAMS_MAX];

	match.command = command;
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
	    set_timeout(in->conn, talk_command(&out->talk)->timeout_ms, err) != 0)
		return -1;
	*result_r = run(in, mo_id, arena, out);
	/* What a text of a conversation did, its next one finds done. */
	if (((!in->talk || out->failed) && ask_do(in->conn, "ROLLBACK TO tryout", err) != 0) ||
	    ask_do(in->conn, "RELEASE tryout", err) != 0 ||
	    count_changes(in->conn, &after, err) != 0)
		return -1;
	out->changed |= after > before && !out->failed;
	return 0;
}

static void apologise(const struct talk_input *in, struct tryout *out)
{
	struct reply_input reply = {
		.tables = in->tables, .match = &out->talk.match, .failed = true, .lang = in->lang, .msisdn = in->msisdn,
		.port = in->port, .now = in->now_text, .mo_id = in->id,
	};
	struct err second;

	out->failed = true;
	out->talk.act = TALK_DONE;
	if (reply_make(&reply, in->arena, &out->talk.reply, &second) != 0)	/* the check refuses such tables */
		out->talk.reply = (struct reply){ .outcome = STR("error"), .text = STR("") };
}

/* One statement for the talk, and on with what it said.  A table and a function that disagree park the text as an error
 * of the SQL does. */
static int run_sql(const struct tryout_input *in, const struct talk_input *talk, struct tryout *out, struct err *err)
{
	PGresult *result = NULL;

	if (execute(in, talk->id, talk->arena, out, &result, err) != 0) {
		PQclear(result);
		return -1;
	}
	if (out->failed) {
		apologise(talk, out);
	} else if (talk_result(talk, &out->talk, result, &out->error) < 0) {
		snprintf(out->sqlstate, sizeof(out->sqlstate), "%s", "-");
		apologise(talk, out);
	}
	PQclear(result);
	return 0;
}

/* What the daemon would ask of the database is answered as for somebody who wrote nothing before, and knows his
 * secrets. */
static int talk_on(const struct tryout_input *in, struct talk_input *talk, struct tryout *out, struct err *err)
{
	static const struct proof proved = { .hash = "proved", .right = true, .hash_new = "hash" };

	while (out->talk.act != TALK_DONE) {
		switch (out->talk.act) {
		case TALK_COUNT:
			talk_counted(talk, &out->talk, 0, 0);
			break;
		case TALK_SECRET:
			talk->proof = &proved;
			talk_secret(talk, &out->talk, str_z(proved.hash), 0, 0);
			break;
		case TALK_PROVE:
			talk->proof = &proved;
			out->talk.act = TALK_RUN;
			break;
		case TALK_RECENT:
			talk_recent(talk, &out->talk, 0, 0);
			break;
		default:
			if (run_sql(in, talk, out, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* Questions that were answered go, the new one comes first. */
static void keep_open(struct tryout_talk *state, const struct talk_input *talk, const struct tryout *out)
{
	struct dialogue *list = arena_alloc(talk->arena, (state->n + 1) * sizeof(*list));
	const struct question *q = out->talk.opens;
	unsigned n = 0;

	if (q)
		list[n++] = (struct dialogue){
			.at_us = talk->at_us, .id = *talk->id, .kind = q->kind, .port = talk->port, .until_us = q->until_us,
			.command_id = q->command ? str_z(q->command->id) : STR("-"),
			.function = q->command ? str_z(q->command->function) : (struct str){ 0 },
			.version = talk->tables->version, .question = out->talk.reply.text, .tries = q->tries, .slots = q->slots,
			.tables = talk->tables, .command = q->command,
		};
	for (unsigned i = 0; i < state->n; i++) {
		bool gone = false;

		for (unsigned k = 0; k < out->talk.ncloses; k++)
			gone |= out->talk.closes[k] == &state->dialogue[i];
		if (!gone)
			list[n++] = state->dialogue[i];
	}
	*state = (struct tryout_talk){ n, list };
}

static int talk_through(const struct tryout_input *in, struct arena *arena, struct match_context *context,
			const struct uuid *mo_id, struct tryout *out, struct err *err)
{
	struct tryout_talk none = { 0 }, *state = in->talk ? in->talk : &none;
	struct talk_input talk = {
		.tables = in->tables, .context = context, .arena = arena, .words = in->words, .whole = out->text,
		.folded = out->folded, .msisdn = in->msisdn, .port = in->port, .now_text = in->now.text, .id = mo_id,
		.at_us = (int64_t)in->now.time * 1000000, .now_us = (int64_t)in->now.time * 1000000, .lang = out->lang,
		.dialogue = state->dialogue, .ndialogues = state->n, .trial = true,
	};

	if (in->tables->ntips && (count_tips(in, arena, &talk, err) != 0 || ask_room(in, arena, &talk, err) != 0))
		return -1;
	talk_hear(&talk, &out->talk);
	if (talk_on(in, &talk, out, err) != 0)
		return -1;
	keep_open(state, &talk, out);
	return 0;
}

int tryout_run(const struct tryout_input *in, struct arena *arena, struct tryout *out_r,
	       struct err *err)
{
	struct uuid *mo_id = arena_alloc(arena, sizeof(*mo_id));
	struct match_context context = {
		.vocabulary = in->vocabulary, .port = in->port, .link = in->link, .now = in->now.time,
		.asks = match_asks(in->text), .anytime = in->anytime,
	};

	*mo_id = uuid_v7();
	*out_r = (struct tryout){ 0 };
	if (look_up_sender(in, arena, &context, out_r, err) != 0)
		return -1;
	out_r->text = fold_utf8_ok(in->text) ? in->text : fold_utf8_mend(arena, in->text);
	out_r->folded = fold_text(arena, out_r->text);
	if (talk_through(in, arena, &context, mo_id, out_r, err) != 0)
		return -1;
	out_r->match = out_r->talk.match;
	out_r->reply = out_r->talk.reply;
	if (out_r->talk.opens)
		out_r->asks = dialogue_kind_name(out_r->talk.opens->kind);
	struct err none;
	if (segment_text(out_r->reply.text, SEGMENT_MAX, &out_r->segments, &none) != 0)
		out_r->segments.count = out_r->reply.segments;
	return 0;
}
