/* batch - a lane's work: what has arrived while the last batch was being
 * committed is the next one.  One transaction:
 *
 *   LOOKING     locks on the senders; who they are; after trouble: was the text handled before
 *   RUNNING     the texts' commands, prepared, sorted, pipelined; one statement for neighbours with the same
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
#include "flow/batch.h"
#include "flow/blast.h"
#include "text/fold.h"

enum { TRIES_BEFORE_HALVING = 3, PAUSE_MAX_MS = 2000, ASK_SEEN_MS = 10000, ASK_SEEN_AT_START_MS = 2000, ONE_BY_ONE_MS = 10000 };

static void on_pause(uv_timer_t *timer);

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

/* Whose error it was shows when they run one by one; what it says may quote a secret of any of them. */
static void many_failed(struct lane *lane, const char *sqlstate)
{
	if (lane->trouble || lane->failed_text >= 0)
		return;
	lane->many_failed = true;
	snprintf(lane->sqlstate, sizeof(lane->sqlstate), "%s", sqlstate);
}

/* Only an error in what runs for one text is its text's. */
static void note_trouble(struct lane *lane, int tag, const PGresult *res, enum db_blame blame)
{
	if (blame == DB_ABORTED)
		return;
	if (blame == DB_BLAME_TEXT && tag >= TAG_MANY && lane->state == LANE_RUNNING) {
		many_failed(lane, db_sqlstate(res));
		return;
	}
	int text = tag >= TAG_CHECKS ? tag - TAG_CHECKS : tag;	/* hall_api.password_hash() is not ours either */

	if (blame == DB_BLAME_TEXT && text >= 0 && text < TAG_PARTS && lane->state == LANE_RUNNING) {
		if (lane->failed_text < 0 && !lane->trouble) {
			lane->failed_text = text;
			note_error(lane->sqlstate, lane->error, sizeof(lane->error), res);
			hide_secrets(lane, &lane->run[text].talk.match, lane->error, sizeof(lane->error));
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
	if (tag >= TAG_MANY) {
		if (!run_many(lane, tag - TAG_MANY, res))
			many_failed(lane, "-");
		return false;
	}
	if (tag >= TAG_CHECKS) {
		lane->run[tag - TAG_CHECKS].result = res;
		return true;
	}
	if (tag >= TAG_PARTS) {
		lane->run[tag - TAG_PARTS].parts = res;
		return true;
	}
	if (tag >= 0) {
		lane->run[tag].result = res;
		return true;
	}
	if (tag == TAG_TAKEN) {
		lane->taken = res;
		return true;
	}
	if (tag == TAG_MT_OF) {
		lane->again = res;
		return true;
	}
	if (tag == TAG_DRAWN || tag == TAG_TEXTS)
		return blast_result(lane->blast, tag, res);
	if (tag == TAG_BLAST_DUE)
		lane->blast_due = *PQgetvalue(res, 0, 0) == 't';
	else if (tag == TAG_DUE)
		lane->due_now = *PQgetvalue(res, 0, 0) == 't';
	else if (tag == TAG_TAKEN_COMMIT)
		lane->committed = strcmp(PQcmdStatus(res), "COMMIT") == 0;
	else if (tag == TAG_RECENT)
		run_recent(lane, res);
	else if (tag == TAG_TIP_ROOM)
		tips_take(lane, res);
	else
		look_take(lane, tag, res);
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

void batch_query(struct lane *lane, enum query q, const struct db_params *params, int tag)
{
	queued(lane, db_query(lane->db, q, params, on_result, lane, tag));
}

void batch_statement(struct lane *lane, const char *name, const char *sql, const struct db_params *params, int tag)
{
	queued(lane, db_statement(lane->db, name, sql, params, on_result, lane, tag));
}

void batch_wait(struct lane *lane)
{
	queued(lane, db_sync(lane->db, on_result, lane, TAG_PLAIN));
}

static void forget_runs(struct lane *lane)
{
	for (unsigned i = 0; i < lane->n; i++) {
		PQclear(lane->run[i].result);
		PQclear(lane->run[i].parts);
		for (unsigned k = 0; k < lane->run[i].ndialogues; k++)
			tables_unref((struct tables **)&lane->run[i].dialogue[k].tables);
	}
	PQclear(lane->again);
	lane->again = NULL;
	memset(lane->run, 0, lane->n * sizeof(*lane->run));
	arena_reset(lane->arena);
	tables_unref(&lane->tables);
	vocabulary_unref(&lane->vocabulary);
}

static void roll_back(struct lane *lane)
{
	lane->state = LANE_ROLLING_BACK;
	lane->due = 0;
	queued(lane, db_sync(lane->db, on_result, lane, TAG_PLAIN));
	batch_query(lane, Q_ROLLBACK, NULL, TAG_PLAIN);
	queued(lane, db_sync(lane->db, on_result, lane, TAG_PLAIN));
}

static void queue_answer(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	const struct text_run *run = &lane->run[i];

	if (!run->own_reply)
		return;
	struct mt *mt = mt_new(t->sender, t->port, t->link, run->talk.reply.text);

	mt->id = uuid_derive(&t->id, 0);
	mt->at_us = t->at_us;
	mt->msisdn = t->msisdn;
	mt->segments = run->talk.reply.segments;
	mt->report = rows_wants_report(lane, i);
	mt->gateway = t->gateway;
	outbox_add(lane, mt, lane->batch);
}

static void count_text(const struct text_run *run)
{
	const struct talk *talk = &run->talk;
	const struct command *command = talk->match.command;

	metric_add_label(M_MO_COMMAND, run->repeated.ptr ? "repeated" : talk->command_said || (command && command->chat) ? command->id :
			 talk->match.kind == MATCH_USAGE ? "usage" : command ? "question" : "unknown", 1);
	if (command && command->chat)
		metric_add(M_MO_CHAT, 1);
	if (talk->opens)
		metric_add_label(M_DIALOGUE_OPENED, dialogue_kind_name(talk->opens->kind), 1);
	if (talk->answers && talk->result)
		metric_add_label(M_DIALOGUE_RESULT, talk->result, 1);
	if (talk->silent)
		metric_add_label(M_SILENT, talk->reply.outcome.ptr, 1);
}

static void finish_text(struct lane *lane, unsigned i)
{
	struct text *t = lane->text[i];
	struct text_run *run = &lane->run[i];
	char id[UUID_TEXT + 1];

	if (run->deferred) {
		prove_start(lane, t, &run->talk);
		return;
	}
	if (t->failed && !run->seen) {
		uuid_format(t->retry ? &t->parked_id : &t->id, id);
		log_error("parked", "id=%s msisdn=%s command=%s sqlstate=%s error=\"%s\" remedy=\"smsctl parked show %s\"",
			  id, log_msisdn(str_z(t->msisdn.text)), run->talk.match.command ? run->talk.match.command->id : "-",
			  t->sqlstate, t->error, id);
		metric_add(M_MO_PARKED, 1);
	}
	metric_add(run->seen ? M_MO_REPEATED : M_MO_DONE, 1);
	if (!run->seen && !run->incomplete) {
		count_text(run);
		if (run->talk.reply.tip)
			metric_add_label(M_TIPS, run->talk.reply.tip->name, 1);
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
	/* Not before: a batch that is run again would find, and send, them again. */
	if (lane->again)
		outbox_recover(lane, lane->again);
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
	bool many = trouble == DB_OK && lane->many_failed;

	metric_add(M_BATCH_RERUN, 1);
	CRASH(rolled_back);
	lane->in_doubt |= lane->state == LANE_COMMITTING && trouble == DB_BLAME_CONNECTION;
	if (lane->door)
		door_undone(lane);
	rows_untold(lane);
	forget_runs(lane);
	lane->due = 0;
	if (many) {
		log_info("batch_again", "conn=%s texts=%u sqlstate=%s why=\"a command failed for one of several texts\"",
			 lane->label, lane->n, lane->sqlstate);
		lane->one_by_one_ms = uv_now(lane->hall->loop) + ONE_BY_ONE_MS;
		lane->state = LANE_IDLE;
		return;
	}
	if (trouble == DB_OK && failed >= 0) {
		take_out(lane, failed);
		if (!lane->n)
			outbox_release(lane);
		lane->state = LANE_IDLE;
		return;
	}
	if (lane->n && trouble == DB_BLAME_SERVER && !lane->asked_seen && strcmp(lane->sqlstate, "23505") == 0) {
		log_info("batch_again", "conn=%s texts=%u why=\"some were handled before\"", lane->label, lane->n);
		lane->ask_seen_until_ms = uv_now(lane->hall->loop) + ASK_SEEN_MS;	/* more of them may follow */
		lane->state = LANE_IDLE;
		return;
	}
	lane->tries++;
	log_warn("batch_again", "conn=%s texts=%u try=%u sqlstate=%s error=\"%s\"", lane->label, lane->n, lane->tries,
		 lane->sqlstate, lane->error);
	if (lane->tries % TRIES_BEFORE_HALVING == 0 && lane->n > 1 && !lane->in_doubt)
		give_back(lane, lane->n / 2);
	/* A lone text whose data our own statements refuse is parked, or nobody gets by; a full disk blames no text. */
	bool refused = !strncmp(lane->sqlstate, "22", 2) || !strncmp(lane->sqlstate, "23", 2);
	if (refused && trouble == DB_BLAME_SERVER && lane->n == 1 && lane->tries > 4 * TRIES_BEFORE_HALVING &&
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

void batch_failed(struct lane *lane, const char *why)
{
	lane->trouble = DB_BLAME_SERVER;
	snprintf(lane->sqlstate, sizeof(lane->sqlstate), "P0001");
	snprintf(lane->error, sizeof(lane->error), "%s", why);
	unwell(lane);
}

/* --- stepping ------------------------------------------------------------ */

static bool idle_step(struct lane *lane)
{
	struct hall *hall = lane->hall;

	if (!hall->tables || !hall->vocabulary || !db_is_up(lane->db) || !hall->instance_ours)
		return false;
	bool again = lane->door && hall->again;
	if (lane->door && !lane->states && !again && door_start(lane))
		return true;
	if (!lane->door && lane->n == 0 && map_count(hall->open) < OPEN_MAX)
		queue_choose(lane);
	if (lane->n > 0) {
		look_start(lane);
		return true;
	}
	bool due = lane->mark_due_ms && (uv_now(hall->loop) >= lane->mark_due_ms || hall->draining);
	if (lane->states || due || again) {
		lane->failed_text = -1;
		lane->trouble = DB_OK;
		lane->due = 0;
		lane->state = LANE_MARKING;
		rows_send_mark(lane);
		db_flush(lane->db);
		CRASH(mark_sent);
		if (again)
			CRASH(unasked_recount);
		return true;
	}
	return false;
}

static void committed_or_not(struct lane *lane)
{
	if (lane->committed) {
		CRASH(committed);
		if (lane->state == LANE_TAKING) {
			door_committed(lane);
			lane->state = LANE_IDLE;
			lane->tries = 0;
		} else if (lane->state == LANE_MARKING) {
			rows_told(lane);
			if (lane->door)
				again_told(lane->hall);
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
		if (lane->trouble) {
			unwell(lane);
		} else {
			lane->in_doubt = false;	/* the locks are ours: what was committed has been seen */
			run_start(lane);
		}
	}
	if (lane->due == 0 && lane->state == LANE_ASKING) {
		if (lane->trouble)
			unwell(lane);
		else
			door_asked(lane);
	}
	if (lane->due == 0 && lane->state == LANE_DRAWING) {
		if (lane->trouble)
			unwell(lane);
		else
			blast_drawn(lane->blast);
	}
	if (lane->due == 0 && lane->state == LANE_RUNNING) {
		enum run_next next = lane->trouble || lane->many_failed || lane->failed_text >= 0 ? RUN_FAILED : run_on(lane);

		if (next == RUN_FAILED)
			unwell(lane);
		else if (next == RUN_DONE)
			send_rows(lane);
	}
	if (lane->due == 0 && (lane->state == LANE_COMMITTING || lane->state == LANE_MARKING ||
			       lane->state == LANE_TAKING))
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

		lane->accepted_told = strtoll(PQgetvalue(res, 0, 1), NULL, 10);
		lane->accepted = lane->accepted_told > lane->accepted ? lane->accepted_told : lane->accepted;
		lane->newest = last > lane->newest ? last : lane->newest;
		lane->recovered_batch = last;
	}
	if (tag == TAG_UNSENT)
		outbox_recover(lane, res);
	if (PQresultStatus(res) == PGRES_PIPELINE_SYNC && lane->state == LANE_RECOVERING) {
		lane->recovered = !lane->trouble;
		lane->reborn |= lane->recovered;
		lane->ask_seen_until_ms = uv_now(lane->hall->loop) + ASK_SEEN_AT_START_MS;	/* what was not acknowledged comes again at once */
		if (lane->recovered && lane->door)
			outbox_release(lane);	/* what was in doubt is known */
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
	if (!lane->reborn)	/* an earlier life's; what this one sent is not in doubt */
		db_query(lane->db, Q_BLAST_AGAIN, &p, on_state, lane, TAG_PLAIN);
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
