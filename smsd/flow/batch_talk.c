/* batch_talk - the dialogues of a batch: read while its senders are looked up, written with its rows. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "flow/batch.h"

/* The rows come by sender as they like: first it is counted how many each has. */
static void make_room(struct lane *lane, const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++) {
		unsigned i = (unsigned)(uintptr_t)map_get(lane->senders, str_z(PQgetvalue(res, r, 0)));

		if (i--)
			lane->run[i].ndialogues++;
	}
	for (unsigned i = 0; i < lane->n; i++) {
		struct text_run *run = &lane->run[i];

		if (run->ndialogues)
			run->dialogue = arena_alloc(lane->arena, run->ndialogues * sizeof(*run->dialogue));
		run->ndialogues = 0;
	}
}

static struct slots open_state(struct lane *lane, const PGresult *res, int r)
{
	size_t n = 0;
	unsigned char *raw = PQunescapeBytea((unsigned char *)PQgetvalue(res, r, 10), &n);
	struct slots slots = { 0 };
	struct str plain;
	struct err err;

	if (seal_open(&lane->hall->seal, lane->arena, str_n((char *)raw, n), &plain, &err) == 0)
		slots = slots_decode(lane->arena, plain);
	else
		log_error("dialogue_lost", "id=%s why=\"%s\" remedy=\"was the seal key changed?\"", PQgetvalue(res, r, 2),
			  err.text);
	PQfreemem(raw);
	return slots;
}

static void take_dialogue(struct lane *lane, struct text_run *run, const PGresult *res, int r)
{
	struct arena *arena = lane->arena;
	struct dialogue *d = &run->dialogue[run->ndialogues];
	int kind = dialogue_kind_parse(db_cell(res, r, 3));
	const struct tables *asked_by;
	struct err err;

	if (kind < 0 || uuid_parse(db_cell(res, r, 2), &d->id, &err) < 0)
		return;
	d->at_us = strtoll(PQgetvalue(res, r, 1), NULL, 10);
	d->kind = (enum dialogue_kind)kind;
	d->port = arena_str(arena, db_cell(res, r, 4));
	d->until_us = strtoll(PQgetvalue(res, r, 5), NULL, 10);
	d->command_id = arena_str(arena, db_cell(res, r, 6));
	d->function = arena_str(arena, db_cell(res, r, 7));
	d->version = atoi(PQgetvalue(res, r, 8));
	d->question = arena_str(arena, db_cell(res, r, 9));
	d->slots = open_state(lane, res, r);
	d->tries = atoi(PQgetvalue(res, r, 11));
	asked_by = hall_tables_of(lane->hall, d->version);
	if (!(asked_by && dialogue_bind(d, asked_by)))
		dialogue_bind(d, lane->tables);
	if (d->tables)
		tables_ref((struct tables *)d->tables);	/* forget_runs() lets go */
	run->ndialogues++;
}

void talk_take_dialogues(struct lane *lane, const PGresult *res)
{
	make_room(lane, res);
	for (int r = 0; r < PQntuples(res); r++) {
		unsigned i = (unsigned)(uintptr_t)map_get(lane->senders, str_z(PQgetvalue(res, r, 0)));

		if (i--)
			take_dialogue(lane, &lane->run[i], res, r);
	}
}

/* ---- rows ---- */

static bool talked(const struct lane *lane, unsigned i)
{
	const struct text_run *run = &lane->run[i];

	return !run->seen && !run->incomplete && !run->deferred && !lane->text[i]->failed && !run->repeated.ptr;
}

static void begin(struct lane *lane, unsigned n, const enum array_type *type)
{
	for (unsigned k = 0; k < n; k++)
		array_begin(&lane->array[k], type[k]);
}

static void send_arrays(struct lane *lane, enum query q, unsigned n, const char *version)
{
	struct db_params p = { 0 };

	if (!lane->array[0].count)
		return;
	for (unsigned k = 0; k < n; k++)
		array_param(&lane->array[k], &p);
	if (version) {
		db_param_text(&p, version);
		db_param_text(&p, lane->now_text);
	}
	rows_query(lane, q, &p);
}

static void send_closed(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID };

	begin(lane, 3, type);
	for (unsigned i = 0; i < lane->n; i++)
		for (unsigned k = 0; talked(lane, i) && k < lane->run[i].talk.ncloses; k++) {
			const struct dialogue *d = lane->run[i].talk.closes[k];

			array_text(&lane->array[0], str_z(lane->text[i]->msisdn.text));
			array_time(&lane->array[1], d->at_us);
			array_uuid(&lane->array[2], &d->id);
		}
	send_arrays(lane, Q_DIALOGUE_CLOSE, 3, NULL);
}

static void send_opened(struct lane *lane, const struct tables *asked_by, const char *version)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_TIMESTAMPTZ,
						ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_BYTEA, ARRAY_INT2 };
	struct array *a = lane->array;

	begin(lane, 11, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];
		const struct talk *talk = &lane->run[i].talk;
		const struct question *q = talk->opens;

		if (!talked(lane, i) || !q || talk->tables != asked_by)
			continue;
		struct str state = slots_encode(&q->slots, lane->arena);
		array_text(&a[0], str_z(t->msisdn.text));
		array_time(&a[1], t->at_us);
		array_uuid(&a[2], &t->id);
		array_text(&a[3], str_z(dialogue_kind_name(q->kind)));
		array_text(&a[4], t->port);
		array_time(&a[5], q->until_us);
		array_text(&a[6], q->command ? str_z(q->command->id) : STR("-"));
		array_text(&a[7], q->command && q->command->function ? str_z(q->command->function) : (struct str){ 0 });
		array_text(&a[8], q->kind == DIALOGUE_OTP ? STR("") : q->text.ptr ? q->text : talk->reply.text);
		array_text(&a[9], seal_close(&lane->hall->seal, lane->arena, state));
		array_int2(&a[10], (int)q->tries);
	}
	send_arrays(lane, Q_DIALOGUE_OPEN, 11, version);
}

static void send_asked(struct lane *lane, const struct tables *asked_by, const char *version)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT,
						ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_UUID, ARRAY_TEXT, ARRAY_TIMESTAMPTZ };
	struct array *a = lane->array;

	begin(lane, 12, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];
		const struct text_run *run = &lane->run[i];
		const struct question *q = run->talk.opens;

		if (!talked(lane, i) || !q || q->kind != DIALOGUE_CONFIRM || run->talk.tables != asked_by)
			continue;
		struct uuid mt = uuid_derive(&t->id, 0);
		array_text(&a[0], str_z(t->msisdn.text));
		array_time(&a[1], t->at_us);
		array_uuid(&a[2], &t->id);
		array_text(&a[3], str_z(q->command->id));
		array_text(&a[4], str_z(q->command->function));
		array_text(&a[5], t->port);
		array_text(&a[6], t->link);
		array_text(&a[7], str_z(lang_name(run->lang)));
		array_text(&a[8], run->talk.reply.text);
		array_uuid(&a[9], &mt);
		array_text(&a[10], q->price_version);
		array_time(&a[11], q->until_us);
	}
	send_arrays(lane, Q_EVIDENCE_ASK, 12, version);
}

struct span {
	int64_t from, to;
};

static void add_answer(struct lane *lane, unsigned i, const struct dialogue *d, const char *result, struct str outcome,
		       struct span *span)
{
	const struct text *t = lane->text[i];
	const struct text_run *run = &lane->run[i];
	struct array *a = lane->array;

	array_text(&a[0], str_z(t->msisdn.text));
	array_time(&a[1], d->at_us);
	array_uuid(&a[2], &d->id);
	array_text(&a[3], run->talk.match.secret ? run->talk.match.redacted : run->whole);
	array_time(&a[4], t->at_us);
	array_uuid(&a[5], &t->id);
	array_text(&a[6], str_z(result));
	array_text(&a[7], outcome);
	span->from = d->at_us < span->from ? d->at_us : span->from;
	span->to = d->at_us > span->to ? d->at_us : span->to;
}

static void send_answered(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID,
						ARRAY_TEXT, ARRAY_TEXT };
	struct span span = { INT64_MAX, INT64_MIN };
	char earliest[8], latest[8];
	struct db_params p = { 0 };

	begin(lane, 8, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct talk *talk = &lane->run[i].talk;

		if (!talked(lane, i))
			continue;
		for (unsigned k = 0; k < talk->ncloses; k++) {
			const struct dialogue *d = talk->closes[k];

			if (d->kind != DIALOGUE_CONFIRM)
				continue;
			if (d == talk->answers)
				add_answer(lane, i, d, talk->result, talk->command_said ? talk->reply.outcome : (struct str){ 0 }, &span);
			else
				add_answer(lane, i, d, "replaced", (struct str){ 0 }, &span);
		}
	}
	if (!lane->array[0].count)
		return;
	for (unsigned k = 0; k < 8; k++)
		array_param(&lane->array[k], &p);
	bin_time(earliest, span.from);
	bin_time(latest, span.to);
	db_param_bytes(&p, earliest, 8);
	db_param_bytes(&p, latest, 8);
	rows_query(lane, Q_EVIDENCE_ANSWER, &p);
}

static void send_wrong(struct lane *lane, unsigned i)
{
	const struct talk *talk = &lane->run[i].talk;
	struct db_params p = { 0 };
	char times[12], until[8];

	db_param_text(&p, lane->text[i]->msisdn.text);
	if (talk->wrong < 0) {
		rows_query(lane, Q_SECRET_RIGHT, &p);
		return;
	}
	snprintf(times, sizeof(times), "%u", talk->wrong_times > 30000 ? 30000 : talk->wrong_times);
	bin_time(until, talk->lock_until_us);
	db_param_text(&p, times);
	db_param_bytes(&p, until, 8);
	rows_query(lane, Q_SECRET_WRONG, &p);
}

/* An answer to a question of older tables may lead to another of theirs. */
static void send_questions(struct lane *lane, const struct tables *asked_by)
{
	char version[12];

	snprintf(version, sizeof(version), "%d", asked_by->version);
	send_opened(lane, asked_by, version);
	send_asked(lane, asked_by, version);
}

static bool asked_before(const struct lane *lane, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (lane->run[k].talk.opens && lane->run[k].talk.tables == lane->run[i].talk.tables)
			return true;
	return false;
}

void talk_send_rows(struct lane *lane)
{
	send_answered(lane);
	send_closed(lane);
	for (unsigned i = 0; i < lane->n; i++)
		if (lane->run[i].talk.opens && lane->run[i].talk.tables && !asked_before(lane, i))
			send_questions(lane, lane->run[i].talk.tables);
	for (unsigned i = 0; i < lane->n; i++)
		if (talked(lane, i) && lane->run[i].talk.wrong)
			send_wrong(lane, i);
}
