/* batch_look - LOOKING: before its texts are understood, a batch locks their senders and asks who they
 * are, whether a text was handled before, and what is remembered of them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "flow/batch.h"

static void take_lists(struct lane *lane, struct text_run *run, struct str names)
{
	enum { MAX = sizeof(run->list) / sizeof(*run->list) };

	names = arena_str(lane->arena, names);
	while (names.len && run->nlists < MAX) {
		const char *comma = memchr(names.ptr, ',', names.len);
		struct str name = str_n(names.ptr, comma ? (size_t)(comma - names.ptr) : names.len);

		run->blocked |= str_eqz(name, "block");
		run->tester |= str_eqz(name, "test");
		run->list[run->nlists++] = name;
		str_skip(&names, name.len + (comma != NULL));
	}
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

		run->lang = lang_parse(str_z(PQgetvalue(res, i, 0)));
		run->brand = arena_str(lane->arena, db_cell(res, i, 1));
		run->province = arena_str(lane->arena, db_cell(res, i, 2));
		take_lists(lane, run, db_cell(res, i, 3));
	}
}

static void take_seen(struct lane *lane, const PGresult *res)
{
	for (unsigned i = 0; i < lane->n && i < (unsigned)PQntuples(res); i++)
		lane->run[i].seen = *PQgetvalue(res, i, 0) == 't';
}

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

static void add_senders(struct lane *lane, bool only_seen)
{
	array_begin(&lane->array[0], ARRAY_TEXT);
	for (unsigned i = 0; i < lane->n; i++)
		if (!only_seen || lane->run[i].seen)
			array_text(&lane->array[0], str_z(lane->text[i]->msisdn.text));
}

static void add_times_and_ids(struct lane *lane, bool only_seen)
{
	array_begin(&lane->array[1], ARRAY_TIMESTAMPTZ);
	array_begin(&lane->array[2], ARRAY_UUID);
	for (unsigned i = 0; i < lane->n; i++) {
		if (only_seen && !lane->run[i].seen)
			continue;
		array_time(&lane->array[1], lane->text[i]->at_us);
		array_uuid(&lane->array[2], &lane->text[i]->id);
	}
}

void look_keys_seen(struct lane *lane)
{
	add_senders(lane, true);
	add_times_and_ids(lane, true);
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
	batch_query(lane, Q_PART_OTHERS, &p, TAG_PARTS + (int)i);
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
	if (lane->held)
		return;		/* a rerun keeps its number: its mark is held until all of it is told */
	outbox_hold(lane, now);
}

/* A text comes again only after something died or a connection was lost, and then the rows of its batch say so (23505).
 * So it is asked only when something went wrong lately, or with a text that failed: it may have failed for being done
 * before. */
static bool must_ask_seen(const struct lane *lane)
{
	bool ask = lane->tries || lane->in_doubt || uv_now(lane->hall->loop) < lane->ask_seen_until_ms;

	for (unsigned i = 0; i < lane->n && !ask; i++)
		ask = lane->text[i]->alone || lane->text[i]->failed || lane->text[i]->retry;
	return ask;
}

static void ask_seen(struct lane *lane)
{
	struct db_params keys = { 0 };
	char earliest[8], latest[8];

	add_times_and_ids(lane, false);
	for (unsigned k = 0; k < 3; k++)
		array_param(&lane->array[k], &keys);
	param_times(lane, &keys, earliest, latest);
	batch_query(lane, Q_SEEN, &keys, TAG_SEEN);
}

void look_start(struct lane *lane)
{
	struct db_params senders = { 0 };

	lane->tables = tables_ref(lane->hall->tables);
	lane->vocabulary = vocabulary_ref(lane->hall->vocabulary);
	lane->began_ns = uv_hrtime();
	lane->failed_text = -1;
	lane->many_failed = false;
	lane->trouble = DB_OK;
	lane->committed = false;
	lane->due = 0;
	lane->state = LANE_LOOKING;
	set_clock(lane);
	index_senders(lane);
	add_senders(lane, false);
	array_param(&lane->array[0], &senders);
	lane->asked_seen = must_ask_seen(lane);
	batch_query(lane, Q_BEGIN, NULL, TAG_PLAIN);
	batch_query(lane, Q_LOCK_SENDERS, &senders, TAG_PLAIN);
	if (lane->asked_seen)
		ask_seen(lane);
	batch_query(lane, Q_SENDERS, &senders, TAG_SENDERS);
	if (lane->tables->repeats)
		batch_query(lane, Q_REPEATS, &senders, TAG_REPEATS);
	batch_query(lane, Q_DIALOGUES, &senders, TAG_DIALOGUES);
	for (unsigned i = 0; i < lane->n; i++)
		if (lane->text[i]->part_total)
			ask_parts(lane, i);
	batch_wait(lane);
	db_flush(lane->db);
	CRASH(batch_begun);
}

void look_take(struct lane *lane, int tag, const PGresult *res)
{
	if (tag == TAG_SENDERS)
		take_senders(lane, res);
	else if (tag == TAG_SEEN)
		take_seen(lane, res);
	else if (tag == TAG_REPEATS)
		repeat_take(lane, res);
	else if (tag == TAG_DIALOGUES)
		talk_take_dialogues(lane, res);
}
