/* batch_run - RUNNING: what each text means, its command as a prepared statement in the pipeline, and
 * the answers made of the results. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "flow/batch.h"
#include "flow/many.h"
#include "text/fold.h"
#include "text/utf16.h"

#define AHEAD_US ((int64_t)3600 * 1000000)	/* the gateway's clock may be ahead of ours */

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

static void hear(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	struct text_run *run = &lane->run[i];

	if (run->parts)
		join_parts(lane, i);
	else
		run->whole = t->raw;
	if (run->incomplete)
		return;
	run->folded = fold_text(lane->arena, str_n(run->whole.ptr, run->whole.len));
	run->context = (struct match_context){
		.vocabulary = lane->vocabulary, .port = t->port, .link = t->link, .province = run->province,
		.brand = run->brand, .list = run->list, .nlists = run->nlists, .now = lane->now_us / 1000000,
		.asks = match_asks(run->whole),
	};
	run->in = (struct talk_input){
		.tables = lane->tables, .context = &run->context, .arena = lane->arena, .seal = &lane->hall->seal,
		.whole = run->whole, .folded = run->folded, .msisdn = str_z(t->msisdn.text), .port = t->port,
		.now_text = str_z(lane->now_text), .id = &t->id, .at_us = t->at_us, .now_us = lane->now_us,
		.lang = run->lang, .dialogue = run->dialogue, .ndialogues = run->ndialogues, .proof = t->proof,
		.listed = run->tester,
	};
	if (run->blocked) {
		run->talk = (struct talk){ .tables = lane->tables, .silent = true, .match.redacted = STR("***"),
					   .match.secret = true, .reply = { .outcome = STR("blocked"), .text = STR("") } };
		return;
	}
	talk_hear(&run->in, &run->talk);
	if (t->failed)
		run->talk.act = TALK_DONE;
	else
		repeat_look(lane, i);
}

/* Questions first, so that the rows which changes lock are held for as short as can be; they lock nothing themselves, and go by
 * command, many at once.  Changes by the arguments: two commands on the same event, in different batches, then meet its row in
 * the same order and cannot deadlock. */
static int by_arguments(const void *a, const void *b, void *arg)
{
	const struct lane *lane = arg;
	unsigned i = *(const unsigned *)a, j = *(const unsigned *)b;
	const struct match *x = &lane->run[i].talk.match, *y = &lane->run[j].talk.match;
	const struct command *c = talk_command(&lane->run[i].talk), *d = talk_command(&lane->run[j].talk);

	if ((c->risk == RISK_QUERY) != (d->risk == RISK_QUERY))
		return c->risk == RISK_QUERY ? -1 : 1;
	for (unsigned k = 0; c->risk != RISK_QUERY && k < c->nargs && k < d->nargs; k++) {
		int order = str_cmp(x->arg[k], y->arg[k]);

		if (order)
			return order;
	}
	if (c->index != d->index)
		return c->index < d->index ? -1 : 1;
	return strcmp(lane->text[i]->msisdn.text, lane->text[j]->msisdn.text);
}

static void set_timeout(struct lane *lane, unsigned ms)
{
	char name[32], sql[64];

	snprintf(name, sizeof(name), "timeout_%u", ms);
	snprintf(sql, sizeof(sql), "SET LOCAL statement_timeout = %u", ms);
	batch_statement(lane, name, sql, NULL, TAG_PLAIN);
}

static void command_values(struct lane *lane, unsigned i, const char **value)
{
	const struct text *t = lane->text[i];
	const struct talk *talk = &lane->run[i].talk;
	struct match match = talk->match;
	struct param_input in = {
		.match = &match, .msisdn = str_z(t->msisdn.text), .port = t->port, .link = t->link,
		.now = str_z(lane->now_text), .mo_id = &t->id, .lang = lane->run[i].lang, .quoted = &talk->quoted,
		.hash_new = t->proof ? t->proof->hash_new : NULL,
	};

	match.command = talk_command(talk);
	reply_params(&in, lane->arena, value);
}

static void run_one(struct lane *lane, unsigned i)
{
	const struct command *command = talk_command(&lane->run[i].talk);
	const char *value[PARAMS_MAX];
	struct db_params p = { 0 };

	command_values(lane, i, value);
	for (unsigned k = 0; k < command->nparams; k++)
		db_param_text(&p, value[k]);
	batch_statement(lane, command->function, command->statement, &p, (int)i);
}

/* How many from here on in lane->order run the same command. */
static unsigned count_same(const struct lane *lane, unsigned first)
{
	const struct command *command = talk_command(&lane->run[lane->order[first]].talk);
	unsigned n = 1;

	while (first + n < lane->norder && talk_command(&lane->run[lane->order[first + n]].talk) == command)
		n++;
	return n;
}

static void run_some(struct lane *lane, unsigned first, unsigned n)
{
	const struct command *command = talk_command(&lane->run[lane->order[first]].talk);
	const char *value[PARAMS_MAX];
	struct db_params p = { 0 };

	many_begin(lane->array, command);
	for (unsigned k = first; k < first + n; k++) {
		command_values(lane, lane->order[k], value);
		many_add(lane->array, command, value);
	}
	many_params(lane->array, command, &p);
	batch_statement(lane, command->many_name, command->many, &p, TAG_MANY + (int)first);
}

bool run_many(struct lane *lane, unsigned first, const PGresult *res)
{
	unsigned n = count_same(lane, first);
	PGresult *part[n];
	bool whole = many_split(res, n, part);

	for (unsigned k = 0; k < n; k++)
		lane->run[lane->order[first + k]].result = part[k];
	return whole;
}

static void ask_count(struct lane *lane, unsigned i)
{
	const struct command *command = lane->run[i].talk.match.command;
	struct db_params p = { 0 };
	char since[8], until[8];

	bin_time(since, lane->now_us - (int64_t)command->rate_s * 1000000);
	bin_time(until, lane->now_us + AHEAD_US);
	db_param_text(&p, lane->text[i]->msisdn.text);
	db_param_text(&p, command->id);
	db_param_bytes(&p, since, 8);
	db_param_bytes(&p, until, 8);
	batch_query(lane, Q_RATE, &p, TAG_CHECKS + (int)i);
}

static void ask_secret(struct lane *lane, unsigned i)
{
	struct db_params p = { 0 };

	db_param_text(&p, lane->text[i]->msisdn.text);
	batch_query(lane, Q_SECRET, &p, TAG_CHECKS + (int)i);
}

static void ask_recent(struct lane *lane)
{
	struct db_params p = { 0 };
	char since[8], until[8];

	if (!lane->nrecent)
		return;
	array_begin(&lane->array[0], ARRAY_TEXT);
	array_begin(&lane->array[1], ARRAY_TEXT);
	for (unsigned k = 0; k < lane->nrecent; k++) {
		unsigned i = lane->recent[k];

		array_text(&lane->array[0], str_z(lane->text[i]->msisdn.text));
		array_text(&lane->array[1], lane->run[i].talk.match.redacted);
	}
	bin_time(since, lane->now_us - (int64_t)3600 * 1000000);
	bin_time(until, lane->now_us + AHEAD_US);
	array_param(&lane->array[0], &p);
	array_param(&lane->array[1], &p);
	db_param_bytes(&p, since, 8);
	db_param_bytes(&p, until, 8);
	batch_query(lane, Q_RECENT, &p, TAG_RECENT);
}

static bool is_open(const struct lane *lane, unsigned i)
{
	const struct text_run *run = &lane->run[i];

	return !run->seen && !run->incomplete && !run->repeated.ptr && !run->deferred && run->talk.act != TALK_DONE;
}

/* A text that was handled before: its answer may never have left. */
static void ask_answers(struct lane *lane)
{
	struct db_params p = { 0 };

	look_keys_seen(lane);
	if (!lane->array[0].count)
		return;
	for (unsigned k = 0; k < 3; k++)
		array_param(&lane->array[k], &p);
	batch_query(lane, Q_MT_OF, &p, TAG_MT_OF);
}

static void send_commands(struct lane *lane)
{
	bool one_by_one = uv_now(lane->hall->loop) < lane->one_by_one_ms;
	unsigned timeout = 0;

	qsort_r(lane->order, lane->norder, sizeof(*lane->order), by_arguments, lane);
	for (unsigned k = 0, n; k < lane->norder; k += n) {
		const struct command *command = talk_command(&lane->run[lane->order[k]].talk);

		if (command->timeout_ms != timeout)
			set_timeout(lane, timeout = command->timeout_ms);
		n = command->many && !one_by_one ? count_same(lane, k) : 1;
		if (n == 1)
			run_one(lane, lane->order[k]);
		else
			run_some(lane, k, n);
	}
	if (timeout)
		set_timeout(lane, 30000);
}

/* Asks the database what each text that is not done wants to know next; false when all are done. */
static bool send_round(struct lane *lane)
{
	lane->nrecent = lane->norder = 0;
	for (unsigned i = 0; i < lane->n; i++) {
		struct text_run *run = &lane->run[i];

		run->asked = is_open(lane, i);
		if (!run->asked)
			continue;
		switch (run->talk.act) {
		case TALK_COUNT: ask_count(lane, i); break;
		case TALK_SECRET: ask_secret(lane, i); break;
		case TALK_RECENT: lane->recent[lane->nrecent++] = i; break;
		case TALK_QUOTE: case TALK_RUN: lane->order[lane->norder++] = i; break;
		case TALK_PROVE: run->deferred = true; break;
		case TALK_DONE: break;
		}
	}
	ask_recent(lane);
	tips_ask(lane);
	send_commands(lane);
	if (lane->due == 0)
		return false;
	batch_wait(lane);
	db_flush(lane->db);
	CRASH(commands_sent);
	return true;
}

void run_start(struct lane *lane)
{
	CRASH(batch_looked);
	for (unsigned i = 0; i < lane->n; i++)
		if (!lane->run[i].seen)
			hear(lane, i);
	lane->state = LANE_RUNNING;
	ask_answers(lane);
	send_round(lane);
}

void run_recent(struct lane *lane, const PGresult *res)
{
	for (int r = 0; r < PQntuples(res) && r < (int)lane->nrecent; r++) {
		struct text_run *run = &lane->run[lane->recent[r]];

		run->in.words = lane->hall->words;
		talk_recent(&run->in, &run->talk, atoi(PQgetvalue(res, r, 0)), atoi(PQgetvalue(res, r, 1)));
	}
}

/* What the database said of one text; false: no answer can be made of it. */
static bool take_result(struct lane *lane, unsigned i)
{
	struct text_run *run = &lane->run[i];
	struct err err = { 0 };
	bool ok = true;

	if (run->talk.act == TALK_COUNT)
		talk_counted(&run->in, &run->talk, atoi(PQgetvalue(run->result, 0, 0)),
			     strtoll(PQgetvalue(run->result, 0, 1), NULL, 10));
	else if (run->talk.act == TALK_SECRET)
		talk_secret(&run->in, &run->talk, db_cell(run->result, 0, 0), atoi(PQgetvalue(run->result, 0, 1)),
			    strtoll(PQgetvalue(run->result, 0, 2), NULL, 10));
	else
		ok = talk_result(&run->in, &run->talk, run->result, &err) == 0;
	PQclear(run->result);
	run->result = NULL;
	if (ok)
		return true;
	lane->failed_text = (int)i;
	snprintf(lane->sqlstate, sizeof(lane->sqlstate), "-");
	snprintf(lane->error, sizeof(lane->error), "%s", err.text);
	return false;
}

/* The answers that need no result: repeats and apologies. */
static void finish_answers(struct lane *lane)
{
	for (unsigned i = 0; i < lane->n; i++) {
		struct text *t = lane->text[i];
		struct text_run *run = &lane->run[i];

		if (run->seen || run->incomplete || run->deferred)
			continue;
		if (t->failed) {
			struct reply_input in = {
				.tables = lane->tables, .match = &run->talk.match, .failed = true, .lang = run->lang,
				.msisdn = str_z(t->msisdn.text), .port = t->port, .now = str_z(lane->now_text), .mo_id = &t->id,
			};
			struct err err;

			if (reply_make(&in, lane->arena, &run->talk.reply, &err) < 0)	/* the check sees to it */
				run->talk.reply = (struct reply){ .outcome = STR("error"), .text = STR(" "), .segments = 1 };
			run->own_reply = !t->retry;	/* who had the apology needs it no second time */
		} else if (run->repeated.ptr) {
			run->talk.reply = (struct reply){ .outcome = STR("repeated"), .text = run->repeated,
							  .segments = segment_count(run->repeated) };
			run->own_reply = true;
		} else {
			run->own_reply = !run->talk.silent;
		}
	}
}

enum run_next run_on(struct lane *lane)
{
	for (unsigned i = 0; i < lane->n; i++)
		if (lane->run[i].asked && lane->run[i].result && !take_result(lane, i))
			return RUN_FAILED;
	if (send_round(lane))
		return RUN_WAIT;
	finish_answers(lane);
	return RUN_DONE;
}
