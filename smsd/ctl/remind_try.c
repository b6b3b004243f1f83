/* remind_try - see remind_try.h.  The trigger is reported and the SQL run in a transaction that is rolled back; what is once per
 * so many days, the control group and the door's rules are looked at as they would be then. */
#include "ctl/remind_try.h"

#include <stdlib.h>

#include "base/map.h"
#include "ctl/ctl.h"
#include "ctl/tryout.h"
#include "flow/remind.h"
#include "table/ask.h"
#include "table/schema.h"
#include "text/msisdn.h"
#include "text/segment.h"

static const struct ctl_column columns[] = {
	{ "step", CTL_NUMBER }, { "at" }, { "msisdn", CTL_MSISDN }, { "verdict" }, { "why" }, { "until" }, { "lang" },
	{ "segments", CTL_NUMBER }, { "opens" }, { "steers" }, { "text" },
};
enum { STEP, AT, MSISDN, VERDICT, WHY, UNTIL, LANG, SEGMENTS, OPENS, STEERS, TEXT, COLUMNS };

struct trying {
	PGconn *conn;
	const struct remind_request *request;
	struct arena *arena;
	const struct command *command;
	struct tryout_now now;
	const char *trigger;		/* id; NULL: a schedule */
	int64_t at_s;			/* of the trigger, or the scheduled moment */
	struct msisdn only;		/* text empty: everybody */
	PGresult *lines;
	struct ctl_table *table;
	unsigned shown, all, counts[4];
};

enum verdict { SENDS, HOLDS, REFUSES, SPARES };
static const char *const verdict_name[] = { "sends", "holds", "refuses", "spares" };

/* One row of the SQL. */
struct trial {
	struct remind_row row;
	struct msisdn msisdn;
	const char *number;		/* as the SQL gave it, where it is none */
	enum verdict verdict;
	const char *why, *until;
};

static const char *china(struct arena *arena, int64_t at_s)
{
	time_t local = at_s + 8 * 3600;
	char text[32];
	struct tm tm;

	gmtime_r(&local, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_z(arena, str_z(text));
}

static const char *seconds(struct arena *arena, int64_t s)
{
	return arena_printf(arena, "%lld", (long long)s).ptr;
}

/* ---- what is asked for ---- */

static int find(struct trying *t, const struct tables *tables, struct err *err)
{
	const char *names[200], *near;
	unsigned n = 0;

	for (unsigned i = 0; i < tables->ncommands; i++) {
		const struct command *c = tables->command[i];

		if (!c->reminder)
			continue;
		if (!strcmp(c->id, t->request->name) || !strcmp(c->name, t->request->name)) {
			t->command = c;
			return 0;
		}
		if (n + 1 < 200)
			names[n++] = c->id, names[n++] = c->name;
	}
	near = schema_near(str_z(t->request->name), names, n);
	return err_set(err, ERR_INPUT, "there is no reminder '%s'%s", t->request->name,
		       schema_hint(t->arena, near, "smsctl remind list shows them"));
}

static int report(struct trying *t, struct err *err)
{
	const struct remind_request *r = t->request;
	const char *on = t->command->reminder->on, *param[] = { on, r->key ? r->key : *t->only.text ? t->only.text : NULL, r->trigger };
	PGresult *res;

	if (!r->key && !r->trigger && !*t->only.text)
		return err_set(err, ERR_INPUT, "%s waits for the trigger %s (say what it reports: --number N, --trigger JSON, or --key K "
			       "of one that was reported)", t->command->id, on);
	res = ask(t->conn, r->key ? Q_CTL_REMINDER_TRIGGER : Q_CTL_REMINDER_REPORT, r->key ? 2 : 3, param, err);
	if (!res)
		return -1;
	if (!PQntuples(res)) {
		PQclear(res);
		return err_set(err, ERR_INPUT, "no trigger %s with the key '%s' was reported", on, r->key);
	}
	t->trigger = arena_z(t->arena, ask_value(res, 0, 0));
	t->at_s = r->key && !r->now ? atoll(PQgetvalue(res, 0, 1)) : t->now.time;
	PQclear(res);
	return 0;
}

/* A schedule is tried as of its next moment, or as of the one that is given. */
static int choose_moment(struct trying *t, struct err *err)
{
	const struct remind_request *r = t->request;
	const struct reminder *reminder = t->command->reminder;
	int64_t last_us, next_us;

	if (reminder->on)
		return report(t, err);
	if (r->key || r->trigger)
		return err_set(err, ERR_INPUT, "%s runs by schedule and has no trigger (leave --key and --trigger out)", t->command->id);
	remind_moments(reminder, (int64_t)t->now.time * 1000000, &last_us, &next_us);
	t->at_s = r->now ? (int64_t)t->now.time : next_us / 1000000;
	return 0;
}

/* ---- what the SQL gives ---- */

static PGresult *run(struct trying *t, unsigned step, int64_t at_s, struct err *err)
{
	const struct command *c = t->command;
	const char *param[PARAMS_MAX];
	time_t at = at_s;
	char now[40];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(now, sizeof(now), "%Y-%m-%d %H:%M:%S+00", &tm);
	struct remind_param in = { t->trigger, now, step };
	for (unsigned k = 0; k < c->nparams; k++)
		param[k] = remind_param(&in, c->param[k].source, t->arena);
	PGresult *res = ask_sql(t->conn, c->statement, c->nparams, param, err);
	if (!res)
		err_prefix(err, "the SQL of %s", c->id);
	return res;
}

static void take_row(struct trying *t, const PGresult *res, int i, unsigned step, const char *now, struct trial *out)
{
	struct str *cell = arena_alloc(t->arena, (t->command->ncolumns + 1) * sizeof(*cell)), who;
	struct err err;

	for (unsigned k = 0; k < t->command->ncolumns; k++)
		cell[k] = ask_value(res, i, (int)k);
	*out = (struct trial){ .row = { t->command, step, cell, str_z(now) }, .verdict = SENDS };
	who = remind_cell(&out->row, "msisdn");
	if (!who.ptr || msisdn_parse(who, &out->msisdn, &err) < 0) {
		out->verdict = REFUSES;
		out->why = who.ptr ? "its msisdn is none" : "its msisdn is NULL";
		out->number = who.ptr ? arena_z(t->arena, who) : "";
	}
}

/* Twice in one run is once too. */
static int ask_once(struct trying *t, struct trial *trial, unsigned n, int64_t at_s, struct err *err)
{
	const struct reminder *reminder = t->command->reminder;
	const char **who = arena_alloc(t->arena, (n + 1) * sizeof(*who)), **scope = arena_alloc(t->arena, (n + 1) * sizeof(*scope));
	struct map *seen;

	if (!reminder->once_days || !n)
		return 0;
	seen = map_new();
	for (unsigned i = 0; i < n; i++) {
		who[i] = trial[i].msisdn.text;
		scope[i] = arena_z(t->arena, remind_scope(&trial[i].row, t->arena));
		if (trial[i].verdict == SENDS && map_put(seen, arena_printf(t->arena, "%s %s", who[i], scope[i]), t)) {
			trial[i].verdict = SPARES;
			trial[i].why = "once_per: twice in this run";
		}
	}
	map_free(&seen);
	const char *param[] = { t->command->id, ask_array(t->arena, who, n), ask_array(t->arena, scope, n),
				seconds(t->arena, reminder->once_days), seconds(t->arena, at_s) };
	PGresult *res = ask(t->conn, Q_CTL_REMINDER_ONCE, 5, param, err);
	if (!res)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		struct trial *one = &trial[ask_int(res, i, 0) - 1];

		if (one->verdict != SENDS)
			continue;
		one->verdict = SPARES;
		one->why = "once_per: was told";
		one->until = arena_z(t->arena, ask_value(res, i, 1));
	}
	PQclear(res);
	return 0;
}

/* Those who are left are held against the door's rules. */
static int judge(struct trying *t, struct trial *trial, unsigned n, int64_t at_s, struct err *err)
{
	const struct reminder *reminder = t->command->reminder;
	int64_t until_us = remind_until_us(reminder, at_s * 1000000);
	const char **who = arena_alloc(t->arena, (n + 1) * sizeof(*who));
	unsigned *place = arena_alloc(t->arena, (n + 1) * sizeof(*place)), left = 0;

	for (unsigned i = 0; i < n; i++) {
		if (trial[i].verdict == SENDS && remind_control(t->command, str_z(trial[i].msisdn.text))) {
			trial[i].verdict = SPARES;
			trial[i].why = "control";
		}
		if (trial[i].verdict == SENDS)
			place[left] = i, who[left++] = trial[i].msisdn.text;
	}
	if (!left)
		return 0;
	const char *param[] = { reminder->class, ask_array(t->arena, who, left), seconds(t->arena, at_s),
				until_us ? seconds(t->arena, until_us / 1000000) : NULL };
	PGresult *res = ask(t->conn, Q_CTL_REMINDER_JUDGE, 4, param, err);
	if (!res)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		struct trial *one = &trial[place[ask_int(res, i, 0) - 1]];

		one->until = arena_z(t->arena, ask_value(res, i, 3));
		if (PQgetisnull(res, i, 1))
			continue;
		one->why = arena_z(t->arena, ask_value(res, i, 1));
		one->verdict = PQgetisnull(res, i, 2) ? REFUSES : HOLDS;
		if (one->verdict == HOLDS)
			one->until = arena_z(t->arena, ask_value(res, i, 2));
	}
	PQclear(res);
	return 0;
}

/* ---- what is shown ---- */

static struct str line_of(const struct trying *t, enum lang lang)
{
	for (int i = 0; i < PQntuples(t->lines); i++)
		if (str_eqz(ask_value(t->lines, i, 0), t->command->reminder->class))
			return ask_value(t->lines, i, lang == LANG_EN ? 2 : 1);
	return (struct str){ 0 };
}

static void show(struct trying *t, const struct trial *one, int64_t at_s)
{
	const struct reminder *reminder = t->command->reminder;
	enum lang lang = remind_lang(&one->row);
	struct str text = remind_text(&one->row, line_of(t, lang), t->arena), target = remind_target(&one->row);
	const char *cell[COLUMNS] = {
		[STEP] = seconds(t->arena, one->row.step), [AT] = china(t->arena, at_s),
		[MSISDN] = *one->msisdn.text ? one->msisdn.text : one->number, [VERDICT] = verdict_name[one->verdict], [WHY] = one->why,
		[UNTIL] = one->until, [LANG] = lang_name(lang), [SEGMENTS] = seconds(t->arena, segment_count(text)),
		[OPENS] = t->command->opens ? t->command->opens->command->id : NULL,
		[STEERS] = reminder->steers && target.ptr ? arena_z(t->arena, target) : NULL, [TEXT] = arena_z(t->arena, text),
	};

	if (*t->only.text && !t->trigger && strcmp(one->msisdn.text, t->only.text) != 0)
		return;
	t->counts[one->verdict]++;
	t->all++;
	if (t->shown == t->request->limit)
		return;
	t->shown++;
	ctl_table_row(t->table, cell);
}

static int try_step(struct trying *t, unsigned step, struct err *err)
{
	const struct reminder *reminder = t->command->reminder;
	int64_t at_s = t->at_s + (reminder->levels ? (int64_t)(step - 1) * reminder->wait_s : reminder->after_s[step - 1]);
	PGresult *res = run(t, step, at_s, err);
	unsigned n = PQntuples(res);
	struct trial *trial = arena_alloc(t->arena, (n + 1) * sizeof(*trial));
	int failed = res ? 0 : -1;

	for (unsigned i = 0; i < n; i++)
		take_row(t, res, (int)i, step, t->now.text.ptr, &trial[i]);
	failed = failed || ask_once(t, trial, n, at_s, err) || judge(t, trial, n, at_s, err) ? -1 : 0;
	for (unsigned i = 0; !failed && i < n; i++)
		show(t, &trial[i], at_s);
	PQclear(res);
	return failed;
}

static void sum_up(const struct trying *t, FILE *out)
{
	fprintf(out, "%u message%s: %u would go, %u would be held, %u refused, %u spared", t->all, t->all == 1 ? "" : "s",
		t->counts[SENDS], t->counts[HOLDS], t->counts[REFUSES], t->counts[SPARES]);
	if (t->shown < t->all)
		fprintf(out, "; the first %u are shown", t->shown);
	fputs("; nothing was sent\n", out);
}

static int try_steps(struct trying *t, struct err *err)
{
	const struct reminder *reminder = t->command->reminder;
	unsigned steps = reminder->levels ? reminder->levels : reminder->nsteps, only = t->request->step;
	int failed = 0;

	if (only > steps)
		return err_set(err, ERR_INPUT, "%s has no step %u (there %s %u)", t->command->id, only, steps == 1 ? "is" : "are", steps);
	t->lines = ask(t->conn, Q_OPT_OUT_LINES, 0, NULL, err);
	if (!t->lines)
		return -1;
	t->table = ctl_table_new(columns, COLUMNS, t->request->json);
	for (unsigned step = 1; !failed && step <= steps; step++)
		if (!only || step == only)
			failed = try_step(t, step, err);
	PQclear(t->lines);
	if (failed)
		return -1;
	ctl_table_print(&t->table, *t->only.text ? "the SQL gives no row for this number\n" : "the SQL gives no row\n", stdout);
	sum_up(t, t->request->json ? stderr : stdout);
	return 0;
}

int remind_try(PGconn *conn, const struct remind_request *request, struct err *err)
{
	struct trying t = { .conn = conn, .request = request, .arena = request->arena };
	struct vocabulary *vocabulary = NULL;
	struct tables *tables = NULL;
	int failed;

	if (request->number && msisdn_parse(str_z(request->number), &t.only, err) < 0)
		return -1;
	if (ask_do(conn, "BEGIN", err) != 0 || tryout_now(conn, request->now, t.arena, &t.now, err) != 0 ||
	    tryout_load(conn, request->dir, t.arena, &tables, &vocabulary, err) != 0)
		return -1;
	failed = find(&t, tables, err) || choose_moment(&t, err) || try_steps(&t, err) ? -1 : 0;
	tables_unref(&tables);
	vocabulary_unref(&vocabulary);
	return failed;
}
