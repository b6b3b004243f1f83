/* batch - a lane's work: what has arrived while the last batch was being
 * committed is the next one.  One transaction:
 *
 *   LOOKING     locks on the senders; who they are; was the text handled before
 *   RUNNING     each text's command, prepared, sorted, pipelined
 *   COMMITTING  the hall's own rows as arrays, COMMIT (batch_rows.c)
 *
 * then the texts are acknowledged and the answers handed to the outbox.  A text whose command fails
 * is taken out and runs alone; failing again it is parked, with an apology.  The server's
 * own trouble blames no text: the batch is run again, later, and smaller.  After a COMMIT whose
 * answer was lost it is run again too: who was committed is then seen, and his answer looked up. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/hall.h"
#include "text/fold.h"
#include "text/utf16.h"

enum tag { TAG_PLAIN = -1, TAG_SENDERS = -2, TAG_TIPS = -3, TAG_MT_OF = -4, TAG_STATE = -5, TAG_UNSENT = -6,
	   TAG_REPEATS = -7,
	   TAG_PARTS = 1 << 16 };
enum { TRIES_BEFORE_HALVING = 3, FOLD_MAX = 1000, PAUSE_MAX_MS = 2000 };

static void on_pause(uv_timer_t *timer);

static struct str keep(struct arena *arena, const PGresult *res, int row, int col)
{
	if (PQgetisnull(res, row, col))
		return (struct str){ 0 };
	return arena_str(arena, str_n(PQgetvalue(res, row, col), PQgetlength(res, row, col)));
}

static void take_senders(struct lane *lane, const PGresult *res)
{
	if (PQntuples(res) != (int)lane->n) {
		lane->trouble = DB_BLAME_SERVER;
		snprintf(lane->error, sizeof(lane->error), "hall_api.profile() gave %d rows for %u texts (one a number)",
			 PQntuples(res), lane->n);
		return;
	}
	for (unsigned i = 0; i < lane->n; i++) {
		struct text_run *run = &lane->run[i];

		run->seen = *PQgetvalue(res, i, 0) == 't';
		run->lang = lang_parse(str_z(PQgetvalue(res, i, 1)));
		run->brand = keep(lane->arena, res, i, 2);
		run->province = keep(lane->arena, res, i, 3);
	}
}

/* How often a tip was shown within its cap's days; `times` is an array such as {"2026-11-22 06:14:00+00",…}, all
 * in UTC, so that they compare as text. */
static unsigned times_shown(const struct lane *lane, struct str name, const char *times)
{
	time_t since = lane->now_us / 1000000;
	char from[20];
	struct tm tm;
	unsigned n = 0;

	for (unsigned i = 0; i < lane->tables->ntips; i++)
		if (str_eqz(name, lane->tables->tip[i]->name))
			since -= (time_t)lane->tables->tip[i]->cap_days * 86400;
	gmtime_r(&since, &tm);
	strftime(from, sizeof(from), "%Y-%m-%d %H:%M:%S", &tm);
	for (const char *p = times; (p = strchr(p, '"')) != NULL; p++) {
		if (strncmp(p + 1, from, sizeof(from) - 1) > 0)
			n++;
		p = strchr(p + 1, '"');
		if (!p)
			break;
	}
	return n;
}

static void take_tips(struct lane *lane, const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++) {
		unsigned i = (unsigned)(uintptr_t)map_get(lane->senders, str_z(PQgetvalue(res, r, 0)));

		if (!i--)
			continue;
		struct text_run *run = &lane->run[i];
		if (!run->tip_counts)
			run->tip_counts = arena_alloc(lane->arena, PQntuples(res) * sizeof(*run->tip_counts));
		struct str tip = keep(lane->arena, res, r, 1);
		run->tip_counts[run->ntip_counts++] = (struct tip_count){
			tip, times_shown(lane, tip, PQgetvalue(res, r, 2)),
		};
	}
}

static void note_error(char sqlstate[6], char *error, size_t size, const PGresult *res)
{
	snprintf(sqlstate, 6, "%s", db_sqlstate(res));
	snprintf(error, size, "%s", db_message(res));
}

/* PostgreSQL quotes values in its messages: what is secret is hidden before it is stored or logged. */
static void hide_secrets(struct lane *lane, const struct match *match, char *error, size_t size)
{
	if (!match->secret)
		return;
	for (unsigned k = 0; k < match->command->nargs; k++) {
		struct str value = match->arg[k];
		char *at;

		if (!match->command->arg[k].secret || !value.len)
			continue;
		while ((at = memmem(error, strlen(error), value.ptr, value.len)) != NULL)
			memset(at, '*', value.len);
	}
	struct str text = fold_redact(lane->arena, str_z(error));
	snprintf(error, size, "%.*s", STR_ARG(text));
}

/* Only an error in a command's own execution is its text's. */
static void note_trouble(struct lane *lane, int tag, const PGresult *res, enum db_blame blame)
{
	if (blame == DB_ABORTED)
		return;
	if (blame == DB_BLAME_TEXT && tag >= 0 && tag < TAG_PARTS) {
		if (lane->failed_text < 0 && !lane->trouble) {
			lane->failed_text = tag;
			note_error(lane->sqlstate, lane->error, sizeof(lane->error), res);
			hide_secrets(lane, &lane->run[tag].match, lane->error, sizeof(lane->error));
		}
		return;
	}
	if (!lane->trouble && lane->failed_text < 0)
		note_error(lane->sqlstate, lane->error, sizeof(lane->error), res);
	if (blame == DB_BLAME_TEXT)
		blame = DB_BLAME_SERVER;
	if (lane->trouble < blame)
		lane->trouble = blame;
}

static bool on_result(void *arg, int tag, PGresult *res)
{
	struct lane *lane = arg;
	enum db_blame blame = db_blame(res);

	lane->due--;
	if (blame != DB_OK) {
		note_trouble(lane, tag, res, blame);
		return false;
	}
	if (tag >= TAG_PARTS) {
		lane->run[tag - TAG_PARTS].parts = res;
		return true;
	}
	if (tag >= 0) {
		lane->run[tag].result = res;
		return true;
	}
	if (tag == TAG_SENDERS)
		take_senders(lane, res);
	else if (tag == TAG_TIPS)
		take_tips(lane, res);
	else if (tag == TAG_REPEATS)
		repeat_take(lane, res);
	else if (tag == TAG_MT_OF || tag == TAG_UNSENT)
		outbox_recover(lane, res);
	return false;
}

/* What cannot even be queued means that the connection is gone. */
static void queued(struct lane *lane, bool ok)
{
	if (ok)
		lane->due++;
	else
		lane->trouble = DB_BLAME_CONNECTION;
}

static void query(struct lane *lane, enum query q, const struct db_params *params, int tag)
{
	queued(lane, db_query(lane->db, q, params, on_result, lane, tag));
}

static void forget_runs(struct lane *lane)
{
	for (unsigned i = 0; i < lane->n; i++) {
		PQclear(lane->run[i].result);
		PQclear(lane->run[i].parts);
	}
	memset(lane->run, 0, lane->n * sizeof(*lane->run));
	arena_reset(lane->arena);
	tables_unref(&lane->tables);
	vocabulary_unref(&lane->vocabulary);
}

/* --- LOOKING ------------------------------------------------------------- */

static void param_times(struct lane *lane, struct db_params *p, char earliest[8], char latest[8])
{
	int64_t from = INT64_MAX, to = INT64_MIN;

	for (unsigned i = 0; i < lane->n; i++) {
		int64_t at = lane->text[i]->at_us;

		from = at < from ? at : from;
		to = at > to ? at : to;
	}
	bin_time(earliest, from);
	bin_time(latest, to);
	db_param_bytes(p, earliest, 8);
	db_param_bytes(p, latest, 8);
}

/* Who stands where in the batch: the position plus 1. */
static void index_senders(struct lane *lane)
{
	map_clear(lane->senders);
	for (unsigned i = 0; i < lane->n; i++)
		map_put(lane->senders, str_z(lane->text[i]->msisdn.text), (void *)(uintptr_t)(i + 1));
}

/* Arrays 0, 1, 2: who, when, which. */
static void key_arrays(struct lane *lane, bool only_seen)
{
	array_begin(&lane->array[0], ARRAY_TEXT);
	array_begin(&lane->array[1], ARRAY_TIMESTAMPTZ);
	array_begin(&lane->array[2], ARRAY_UUID);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];

		if (only_seen && !lane->run[i].seen)
			continue;
		array_text(&lane->array[0], str_z(t->msisdn.text));
		array_time(&lane->array[1], t->at_us);
		array_uuid(&lane->array[2], &t->id);
	}
}

static void ask_parts(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	struct db_params p = { 0 };
	char ref[12], total[12], n[12];

	snprintf(ref, sizeof(ref), "%u", t->part_ref);
	snprintf(total, sizeof(total), "%u", t->part_total);
	snprintf(n, sizeof(n), "%u", t->part_n);
	db_param_text(&p, t->msisdn.text);
	db_param_text(&p, arena_z(lane->arena, t->port));
	db_param_text(&p, ref);
	db_param_text(&p, total);
	db_param_text(&p, n);
	query(lane, Q_PART_OTHERS, &p, TAG_PARTS + (int)i);
}

static void set_clock(struct lane *lane)
{
	int64_t now = hall_clock_us();
	time_t s = now / 1000000;
	struct tm tm;

	lane->now_us = now;
	gmtime_r(&s, &tm);
	size_t n = strftime(lane->now_text, sizeof(lane->now_text), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(lane->now_text + n, sizeof(lane->now_text) - n, ".%06d+00", (int)(now % 1000000));
	lane->batch = now > lane->batch ? now : lane->batch + 1;
}

static void look(struct lane *lane)
{
	struct db_params senders = { 0 }, keys = { 0 };
	char earliest[8], latest[8];

	lane->tables = tables_ref(lane->hall->tables);
	lane->vocabulary = vocabulary_ref(lane->hall->vocabulary);
	lane->began_ns = uv_hrtime();
	lane->failed_text = -1;
	lane->trouble = DB_OK;
	lane->committed = false;
	lane->due = 0;
	lane->state = LANE_LOOKING;
	set_clock(lane);
	index_senders(lane);
	outbox_hold(lane);
	key_arrays(lane, false);
	array_param(&lane->array[0], &senders);
	array_param(&lane->array[0], &keys);
	array_param(&lane->array[1], &keys);
	array_param(&lane->array[2], &keys);
	param_times(lane, &keys, earliest, latest);
	query(lane, Q_BEGIN, NULL, TAG_PLAIN);
	query(lane, Q_LOCK_SENDERS, &senders, TAG_PLAIN);
	query(lane, Q_SENDERS, &keys, TAG_SENDERS);
	if (lane->tables->ntips)
		query(lane, Q_TIPS_SEEN, &senders, TAG_TIPS);
	if (lane->tables->repeats)
		query(lane, Q_REPEATS, &senders, TAG_REPEATS);
	for (unsigned i = 0; i < lane->n; i++)
		if (lane->text[i]->part_total)
			ask_parts(lane, i);
	db_fence(lane->db);
	db_flush(lane->db);
	CRASH(batch_begun);
}

/* --- RUNNING ------------------------------------------------------------- */

static struct str decode_parts(struct lane *lane, const struct text *t, struct buf *octets)
{
	struct str body = buf_get(octets);

	if (t->coding == BOX_CODING_UCS2)
		return fold_utf8_mend(lane->arena, utf16_to_utf8(lane->arena, body));
	return fold_utf8_mend(lane->arena, body);
}

/* The parts in order with this one in its place; incomplete while any is missing. */
static void join_parts(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	struct text_run *run = &lane->run[i];
	struct buf octets = { 0 };
	int there = PQntuples(run->parts), row = 0;

	if (there + 1 < (int)t->part_total) {
		run->incomplete = true;
		run->whole = STR("");
		return;
	}
	for (unsigned n = 1; n <= t->part_total; n++) {
		struct str plain = t->raw;

		if (n != t->part_n) {
			size_t size = 0;
			unsigned char *raw = PQunescapeBytea((unsigned char *)PQgetvalue(run->parts, row++, 1), &size);
			struct err err;

			if (seal_open(&lane->hall->seal, lane->arena, str_n((char *)raw, size), &plain, &err) < 0) {
				log_error("part_lost", "id_part=%u why=\"%s\"", n, err.text);
				plain = STR("");
			}
			PQfreemem(raw);
		}
		buf_str(&octets, plain);
	}
	run->whole = decode_parts(lane, t, &octets);
	buf_free(&octets);
}

static void understand(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	struct text_run *run = &lane->run[i];
	struct match_context context = {
		.vocabulary = lane->vocabulary, .port = t->port, .province = run->province,
		.now = lane->now_us / 1000000,
	};

	if (run->parts)
		join_parts(lane, i);
	else
		run->whole = t->raw;
	if (run->incomplete)
		return;
	run->folded = fold_text(lane->arena, str_n(run->whole.ptr, run->whole.len));
	if (run->folded.len > FOLD_MAX) {	/* no wording is that long: a story, not an order */
		run->match.kind = MATCH_NONE;
		run->match.redacted = fold_redact(lane->arena, run->folded);
		run->match.secret = !str_eq(run->match.redacted, run->folded);
		return;
	}
	context.asks = match_asks(run->whole);
	match_text(lane->tables, &context, lane->arena, run->folded, &run->match);
	repeat_look(lane, i);
}

/* By the arguments first: two commands on the same event, in different batches, then meet its row in the same
 * order and cannot deadlock. */
static int by_arguments(const void *a, const void *b, void *arg)
{
	const struct lane *lane = arg;
	unsigned i = *(const unsigned *)a, j = *(const unsigned *)b;
	const struct match *x = &lane->run[i].match, *y = &lane->run[j].match;

	for (unsigned k = 0; k < x->command->nargs && k < y->command->nargs; k++) {
		int c = str_cmp(x->arg[k], y->arg[k]);

		if (c)
			return c;
	}
	if (x->command->index != y->command->index)
		return x->command->index < y->command->index ? -1 : 1;
	return strcmp(lane->text[i]->msisdn.text, lane->text[j]->msisdn.text);
}

static void set_timeout(struct lane *lane, unsigned ms)
{
	char name[32], sql[64];

	snprintf(name, sizeof(name), "timeout_%u", ms);
	snprintf(sql, sizeof(sql), "SET LOCAL statement_timeout = %u", ms);
	queued(lane, db_statement(lane->db, name, sql, NULL, on_result, lane, TAG_PLAIN));
}

static void run_command(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	const struct command *command = lane->run[i].match.command;
	const char *value[PARAMS_MAX];
	struct db_params p = { 0 };
	struct param_input in = {
		.match = &lane->run[i].match, .msisdn = str_z(t->msisdn.text), .port = t->port, .link = t->link,
		.now = str_z(lane->now_text), .mo_id = &t->id, .lang = lane->run[i].lang,
	};

	reply_params(&in, lane->arena, value);
	for (unsigned k = 0; k < command->nparams; k++)
		db_param_text(&p, value[k]);
	queued(lane, db_statement(lane->db, command->function, command->statement, &p, on_result, lane, (int)i));
}

static bool runs_command(const struct lane *lane, unsigned i)
{
	const struct text_run *run = &lane->run[i];

	return !run->seen && !run->incomplete && !run->repeated.ptr && !lane->text[i]->failed &&
	       run->match.kind == MATCH_COMMAND;
}

/* A text that was handled before: its answer may never have left. */
static void ask_answers(struct lane *lane)
{
	struct db_params p = { 0 };

	key_arrays(lane, true);
	if (!lane->array[0].count)
		return;
	for (unsigned k = 0; k < 3; k++)
		array_param(&lane->array[k], &p);
	query(lane, Q_MT_OF, &p, TAG_MT_OF);
}

static void run(struct lane *lane)
{
	unsigned order[lane->n], n = 0, timeout = 0;

	CRASH(batch_looked);
	for (unsigned i = 0; i < lane->n; i++) {
		if (!lane->run[i].seen)
			understand(lane, i);
		if (runs_command(lane, i))
			order[n++] = i;
	}
	qsort_r(order, n, sizeof(*order), by_arguments, lane);
	lane->state = LANE_RUNNING;
	ask_answers(lane);
	for (unsigned k = 0; k < n; k++) {
		unsigned wanted = lane->run[order[k]].match.command->timeout_ms;

		if (wanted != timeout)
			set_timeout(lane, timeout = wanted);
		run_command(lane, order[k]);
	}
	if (lane->due == 0)
		return;
	if (timeout)
		set_timeout(lane, 30000);
	db_fence(lane->db);
	db_flush(lane->db);
	CRASH(commands_sent);
}

/* --- COMMITTING ---------------------------------------------------------- */

/* Renders all answers.  One that cannot be made is its text's failure. */
static bool answer_all(struct lane *lane)
{
	for (unsigned i = 0; i < lane->n; i++) {
		struct text *t = lane->text[i];
		struct text_run *run = &lane->run[i];
		struct err err;

		if (run->seen || run->incomplete)
			continue;
		struct reply_input in = {
			.tables = lane->tables, .match = &run->match, .result = run->result, .failed = t->failed,
			.lang = run->lang, .msisdn = str_z(t->msisdn.text), .port = t->port,
			.now = str_z(lane->now_text), .mo_id = &t->id,
			.tip_counts = run->tip_counts, .ntip_counts = run->ntip_counts,
		};
		if (run->repeated.ptr && !t->failed) {
			run->reply = (struct reply){ STR("repeated"), run->repeated, segment_count(run->repeated), NULL };
			run->own_reply = true;
			continue;
		}
		if (reply_make(&in, lane->arena, &run->reply, &err) < 0) {
			lane->failed_text = (int)i;
			snprintf(lane->sqlstate, sizeof(lane->sqlstate), "-");
			snprintf(lane->error, sizeof(lane->error), "%s", err.text);
			return false;
		}
		run->own_reply = !(t->failed && t->retry);	/* who had the apology needs it no second time */
	}
	return true;
}

static void roll_back(struct lane *lane)
{
	lane->state = LANE_ROLLING_BACK;
	lane->due = 0;
	queued(lane, db_sync(lane->db, on_result, lane, TAG_PLAIN));
	query(lane, Q_ROLLBACK, NULL, TAG_PLAIN);
	queued(lane, db_sync(lane->db, on_result, lane, TAG_PLAIN));
}

static void queue_answer(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	const struct text_run *run = &lane->run[i];

	if (!run->own_reply)
		return;
	struct mt *mt = mt_new(t->sender, t->port, t->link, run->reply.text);

	mt->id = uuid_derive(&t->id, 0);
	mt->at_us = t->at_us;
	mt->msisdn = t->msisdn;
	mt->segments = run->reply.segments;
	mt->report = rows_wants_report(lane, i);
	mt->gateway = t->gateway;
	outbox_add(lane, mt, lane->batch);
}

static void finish_text(struct lane *lane, unsigned i)
{
	struct text *t = lane->text[i];
	struct text_run *run = &lane->run[i];
	char id[UUID_TEXT + 1];

	if (t->failed && !run->seen) {
		uuid_format(t->retry ? &t->parked_id : &t->id, id);
		log_error("parked", "id=%s msisdn=%s command=%s sqlstate=%s error=\"%s\" remedy=\"smsctl parked show %s\"",
			  id, log_msisdn(str_z(t->msisdn.text)), run->match.command ? run->match.command->id : "-",
			  t->sqlstate, t->error, id);
		metric_add(M_MO_PARKED, 1);
	}
	metric_add(run->seen ? M_MO_REPEATED : M_MO_DONE, 1);
	if (!run->seen && !run->incomplete) {
		metric_add_label(M_MO_COMMAND, run->repeated.ptr ? "repeated" :
				 run->match.kind == MATCH_COMMAND ? run->match.command->id :
				 run->match.kind == MATCH_USAGE ? "usage" : "unknown", 1);
		if (run->reply.tip)
			metric_add_label(M_TIPS, run->reply.tip->name, 1);
		metric_observe(M_LATENCY, (uv_hrtime() - t->arrived_ns) / 1e9);
	}
	inbox_done(lane->hall, t);
}

static void send_rows(struct lane *lane)
{
	CRASH(commands_done);
	rows_send(lane);
	CRASH(rows_sent);
	db_flush(lane->db);
	CRASH(commit_sent);
	for (unsigned i = 0; i < lane->n; i++)
		if (lane->text[i]->failed)
			CRASH(parked);
}

static void finish(struct lane *lane)
{
	metric_add(M_BATCHES, 1);
	metric_observe(M_BATCH_SECONDS, (uv_hrtime() - lane->began_ns) / 1e9);
	for (unsigned i = 0; i < lane->n; i++)
		queue_answer(lane, i);
	CRASH(answers_queued);
	for (unsigned i = 0; i < lane->n; i++)
		finish_text(lane, i);
	CRASH(acknowledged);
	outbox_release(lane);
	rows_told(lane);
	forget_runs(lane);
	lane->n = 0;
	lane->tries = 0;
	lane->state = LANE_IDLE;
}

/* --- trouble ------------------------------------------------------------- */

static void give_back(struct lane *lane, unsigned from)
{
	for (unsigned i = lane->n; i > from; i--)
		queue_front(lane, lane->text[i - 1]);
	lane->n = from;
}

static void take_out(struct lane *lane, unsigned i)
{
	struct text *t = lane->text[i];

	if (t->alone || t->failed) {
		t->failed = true;
		snprintf(t->sqlstate, sizeof(t->sqlstate), "%s", lane->sqlstate);
		snprintf(t->error, sizeof(t->error), "%s", lane->error);
	}
	t->alone = true;
	memmove(&lane->text[i], &lane->text[i + 1], (lane->n - i - 1) * sizeof(*lane->text));
	lane->n--;
	queue_front(lane, t);
}

static void pause_lane(struct lane *lane)
{
	unsigned ms = 20u << (lane->tries < 7 ? lane->tries : 7);

	if (ms > PAUSE_MAX_MS)
		ms = PAUSE_MAX_MS;
	lane->state = LANE_PAUSED;
	uv_timer_start(&lane->pause, on_pause, ms, 0);
}

/* After a rollback, or with the connection gone: what will be run again, and when. */
static void regroup(struct lane *lane)
{
	int failed = lane->failed_text;
	enum db_blame trouble = lane->trouble;

	metric_add(M_BATCH_RERUN, 1);
	CRASH(rolled_back);
	outbox_release(lane);
	rows_untold(lane);
	forget_runs(lane);
	lane->due = 0;
	if (trouble == DB_OK && failed >= 0) {
		take_out(lane, failed);
		lane->state = LANE_IDLE;
		return;
	}
	lane->tries++;
	log_warn("batch_again", "conn=%s texts=%u try=%u sqlstate=%s error=\"%s\"", lane->label, lane->n, lane->tries,
		 lane->sqlstate, lane->error);
	if (lane->tries % TRIES_BEFORE_HALVING == 0 && lane->n > 1)
		give_back(lane, lane->n / 2);
	/* A lone text on which our own statements stumble (not the connection): parked, or nobody gets by. */
	if (trouble == DB_BLAME_SERVER && lane->n == 1 && lane->tries > 4 * TRIES_BEFORE_HALVING &&
	    db_is_up(lane->db) && !lane->text[0]->failed) {
		lane->text[0]->alone = lane->text[0]->failed = true;
		snprintf(lane->text[0]->sqlstate, sizeof(lane->text[0]->sqlstate), "%s", lane->sqlstate);
		snprintf(lane->text[0]->error, sizeof(lane->text[0]->error), "%s", lane->error);
	}
	if (!db_is_up(lane->db))
		lane->state = LANE_DOWN;
	else
		pause_lane(lane);
}

static void on_pause(uv_timer_t *timer)
{
	struct lane *lane = timer->data;

	if (lane->state == LANE_PAUSED)
		lane->state = LANE_IDLE;
}

static void unwell(struct lane *lane)
{
	if (!db_is_up(lane->db)) {
		regroup(lane);
		return;
	}
	if (lane->trouble == DB_BLAME_CONNECTION) {
		db_reset(lane->db, lane->error);	/* DB_EV_DOWN regroups */
		return;
	}
	roll_back(lane);
}

/* --- stepping ------------------------------------------------------------ */

static bool idle_step(struct lane *lane)
{
	struct hall *hall = lane->hall;

	if (!hall->tables || !hall->vocabulary || !db_is_up(lane->db) || !hall->instance_ours)
		return false;
	if (lane->n == 0 && map_count(hall->open) < OPEN_MAX)
		queue_choose(lane);
	if (lane->n > 0) {
		look(lane);
		return true;
	}
	bool due = lane->mark_due_ms && (uv_now(hall->loop) >= lane->mark_due_ms || hall->draining);
	if (lane->states || due) {
		lane->failed_text = -1;
		lane->trouble = DB_OK;
		lane->due = 0;
		lane->state = LANE_MARKING;
		rows_send_mark(lane);
		db_flush(lane->db);
		CRASH(mark_sent);
		return true;
	}
	return false;
}

static void committed_or_not(struct lane *lane)
{
	if (lane->committed) {
		CRASH(committed);
		if (lane->state == LANE_MARKING) {
			rows_told(lane);
			lane->state = LANE_IDLE;
			lane->tries = 0;
		} else {
			finish(lane);
		}
		return;
	}
	if (!lane->trouble && lane->failed_text < 0) {	/* COMMIT answered ROLLBACK */
		lane->trouble = DB_BLAME_SERVER;
		snprintf(lane->error, sizeof(lane->error), "COMMIT did not commit");
	}
	unwell(lane);
}

void batch_step(struct lane *lane)
{
	if (lane->state == LANE_IDLE && !idle_step(lane))
		return;
	if (lane->due == 0 && lane->state == LANE_LOOKING) {
		if (lane->trouble)
			unwell(lane);
		else
			run(lane);
	}
	if (lane->due == 0 && lane->state == LANE_RUNNING) {
		if (lane->trouble || lane->failed_text >= 0 || !answer_all(lane))
			unwell(lane);
		else
			send_rows(lane);
	}
	if (lane->due == 0 && (lane->state == LANE_COMMITTING || lane->state == LANE_MARKING))
		committed_or_not(lane);
	if (lane->due == 0 && lane->state == LANE_ROLLING_BACK)
		regroup(lane);
	db_flush(lane->db);
}

/* --- the connection's life ------------------------------------------------ */

static bool on_state(void *arg, int tag, PGresult *res)
{
	struct lane *lane = arg;

	if (db_blame(res) != DB_OK) {
		if (res)
			log_error("recover_failed", "conn=%s error=\"%s\" remedy=\"smsctl db status\"", lane->label,
				  db_message(res));
		lane->trouble = DB_BLAME_CONNECTION;
		return false;
	}
	if (tag == TAG_STATE && PQntuples(res) == 1) {
		int64_t last = strtoll(PQgetvalue(res, 0, 0), NULL, 10);

		lane->accepted = lane->accepted_told = strtoll(PQgetvalue(res, 0, 1), NULL, 10);
		lane->batch = last > lane->batch ? last : lane->batch;
	}
	if (tag == TAG_UNSENT)
		outbox_recover(lane, res);
	if (PQresultStatus(res) == PGRES_PIPELINE_SYNC && lane->state == LANE_RECOVERING) {
		lane->recovered = !lane->trouble;
		lane->state = lane->recovered ? LANE_IDLE : LANE_DOWN;
		CRASH(recovered);
	}
	return false;
}

/* What this instance had committed before it died and perhaps not sent goes out first. */
static void recover(struct lane *lane)
{
	struct db_params p = { 0 }, q;
	char conn[12];

	snprintf(conn, sizeof(conn), "%u", lane->index);
	db_param_text(&p, lane->hall->conf->instance);
	db_param_text(&p, conn);
	q = p;
	CRASH(recover_asked);
	lane->state = LANE_RECOVERING;
	lane->trouble = DB_OK;
	db_query(lane->db, Q_SENDER_STATE, &p, on_state, lane, TAG_STATE);
	db_query(lane->db, Q_MT_UNSENT, &q, on_state, lane, TAG_UNSENT);
	db_sync(lane->db, on_state, lane, TAG_PLAIN);
	db_flush(lane->db);
}

void batch_event(void *arg, enum db_event event, const char *text)
{
	struct lane *lane = arg;

	(void)text;
	switch (event) {
	case DB_EV_UP:
		if (!lane->recovered)
			recover(lane);
		else if (lane->state == LANE_DOWN)
			lane->state = LANE_IDLE;
		break;
	case DB_EV_DOWN:
		if (lane->state == LANE_RECOVERING || lane->state == LANE_IDLE || lane->state == LANE_PAUSED)
			lane->state = LANE_DOWN;
		else if (lane->state != LANE_DOWN)
			regroup(lane);
		break;
	case DB_EV_NOTIFY:
	case DB_EV_DRAINED:
		break;
	}
}
