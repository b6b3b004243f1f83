/* batch_run - RUNNING: what each text means, its command as a prepared statement in the pipeline, and
 * the answers made of the results. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "flow/batch.h"
#include "text/fold.h"
#include "text/utf16.h"

enum { FOLD_MAX = 1000 };	/* octets; longer is a story, not an order */

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
	if (run->folded.len > FOLD_MAX) {
		run->match.kind = MATCH_NONE;
		run->match.redacted = fold_redact(lane->arena, run->folded);
		run->match.secret = !str_eq(run->match.redacted, run->folded);
		return;
	}
	context.asks = match_asks(run->whole);
	match_text(lane->tables, &context, lane->arena, run->folded, &run->match);
	repeat_look(lane, i);
}

/* Questions first, so that the rows which changes lock are held for as short as can be.  Then by the arguments: two commands on the same event, in different batches, then meet its row in the same
 * order and cannot deadlock. */
static int by_arguments(const void *a, const void *b, void *arg)
{
	const struct lane *lane = arg;
	unsigned i = *(const unsigned *)a, j = *(const unsigned *)b;
	const struct match *x = &lane->run[i].match, *y = &lane->run[j].match;

	if ((x->command->risk == RISK_QUERY) != (y->command->risk == RISK_QUERY))
		return x->command->risk == RISK_QUERY ? -1 : 1;
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
	batch_statement(lane, name, sql, NULL, TAG_PLAIN);
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
	batch_statement(lane, command->function, command->statement, &p, (int)i);
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

	look_keys(lane, true);
	if (!lane->array[0].count)
		return;
	for (unsigned k = 0; k < 3; k++)
		array_param(&lane->array[k], &p);
	batch_query(lane, Q_MT_OF, &p, TAG_MT_OF);
}

void run_start(struct lane *lane)
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
	batch_wait(lane);
	db_flush(lane->db);
	CRASH(commands_sent);
}

/* Renders all answers.  One that cannot be made is its text's failure. */
bool run_answer(struct lane *lane)
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
