/* batch_rows - the hall's own rows of a batch: MO, MT, tips shown, what
 * is parked, raw parts, states of earlier MTs and the mark; then COMMIT.  Called by batch.c
 * when all commands have answered.  Rows go as arrays, one statement a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "flow/batch.h"

enum { TAG_ROWS = -1, TAG_MO = -2, TAG_COMMITTED = -3, TAG_FAILED = -4 };

static bool on_result(void *arg, int tag, PGresult *res)
{
	struct lane *lane = arg;
	enum db_blame blame = db_blame(res);

	lane->due--;
	if (blame == DB_ABORTED)
		return false;
	if (blame != DB_OK) {
		if (!lane->trouble) {
			snprintf(lane->sqlstate, sizeof(lane->sqlstate), "%s", db_sqlstate(res));
			snprintf(lane->error, sizeof(lane->error), "%s", db_message(res));
		}
		blame = blame == DB_BLAME_TEXT ? DB_BLAME_SERVER : blame;
		lane->trouble = lane->trouble < blame ? blame : lane->trouble;
		return false;
	}
	if (tag == TAG_FAILED) {
		metric_add(M_RESENT, atoi(PQgetvalue(res, 0, 0)));
		metric_add(M_SUPPRESSED, atoi(PQgetvalue(res, 0, 1)));
	}
	/* The tag, not the status: a COMMIT of a failed transaction answers ROLLBACK and is no error. */
	if (tag == TAG_COMMITTED)
		lane->committed = strcmp(PQcmdStatus(res), "COMMIT") == 0;
	return false;
}

static void query(struct lane *lane, enum query q, const struct db_params *params, int tag)
{
	if (db_query(lane->db, q, params, on_result, lane, tag))
		lane->due++;
	else
		lane->trouble = DB_BLAME_CONNECTION;
}

void rows_query(struct lane *lane, enum query q, const struct db_params *params)
{
	query(lane, q, params, TAG_ROWS);
}

bool rows_wants_report(const struct lane *lane, unsigned i)
{
	const char *wanted = lane->hall->conf->report_for;
	const struct talk *talk = &lane->run[i].talk;

	if (strcmp(wanted, "all") == 0)
		return true;
	return strcmp(wanted, "changes") == 0 && talk->match.command && talk->match.command->risk != RISK_QUERY;
}

static bool is_new(const struct lane *lane, unsigned i)
{
	return !lane->run[i].seen && !lane->run[i].incomplete && !lane->run[i].deferred;
}

static struct str command_id(const struct text_run *run)
{
	return run->talk.match.command ? str_z(run->talk.match.command->id) : (struct str){ 0 };
}

/* Parameters shared by the rows: instance, connection, batch. */
struct scalars {
	char conn[12], batch[24], version[12];
};

static void add_scalars(struct lane *lane, struct scalars *s, struct db_params *p, bool with_version)
{
	snprintf(s->conn, sizeof(s->conn), "%u", lane->index);
	snprintf(s->batch, sizeof(s->batch), "%lld", (long long)lane->batch);
	snprintf(s->version, sizeof(s->version), "%d", lane->tables ? lane->tables->version : 0);
	if (with_version)
		db_param_text(p, s->version);
	db_param_text(p, lane->hall->conf->instance);
	db_param_text(p, s->conn);
	db_param_text(p, s->batch);
}

static void begin_arrays(struct lane *lane, unsigned n, const enum array_type *type)
{
	for (unsigned k = 0; k < n; k++)
		array_begin(&lane->array[k], type[k]);
}

static void param_arrays(struct lane *lane, unsigned n, struct db_params *p)
{
	for (unsigned k = 0; k < n; k++)
		array_param(&lane->array[k], p);
}

static void send_mo(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT,
						ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT };
	struct db_params p = { 0 };
	struct scalars s;
	struct array *a = lane->array;

	begin_arrays(lane, 9, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];
		const struct text_run *run = &lane->run[i];

		if (!is_new(lane, i))
			continue;
		array_text(&a[0], str_z(t->msisdn.text));
		array_time(&a[1], t->at_us);
		array_uuid(&a[2], &t->id);
		array_text(&a[3], t->port);
		array_text(&a[4], t->link);
		array_text(&a[5], run->talk.match.secret ? run->talk.match.redacted : run->whole);
		array_text(&a[6], run->talk.match.redacted);
		array_text(&a[7], command_id(run));
		array_text(&a[8], run->talk.reply.outcome);
	}
	if (!a[0].count)
		return;
	param_arrays(lane, 9, &p);
	add_scalars(lane, &s, &p, true);
	query(lane, Q_MO_INSERT, &p, TAG_MO);
}

static struct str without(struct arena *arena, struct str text, struct str code)
{
	char *copy = arena_z(arena, text), *at = memmem(copy, text.len, code.ptr, code.len);

	if (at)
		memset(at, '*', code.len);
	return str_n(copy, text.len);
}

static void send_mt(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_UUID, ARRAY_TEXT,
						ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2, ARRAY_BOOL, ARRAY_TEXT, ARRAY_TEXT, ARRAY_BYTEA };
	struct db_params p = { 0 };
	struct scalars s;
	struct array *a = lane->array;

	begin_arrays(lane, 13, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];
		struct str code = lane->run[i].talk.code;
		const struct reply *reply = &lane->run[i].talk.reply;

		if (!lane->run[i].own_reply)
			continue;
		struct uuid id = uuid_derive(&t->id, 0);
		array_text(&a[0], str_z(t->msisdn.text));
		array_time(&a[1], t->at_us);
		array_uuid(&a[2], &id);
		array_uuid(&a[3], &t->id);
		array_text(&a[4], t->port);
		array_text(&a[5], t->link);
		array_text(&a[6], t->sender);
		array_text(&a[7], code.ptr ? without(lane->arena, reply->text, code) : reply->text);
		array_int2(&a[8], reply->segments);
		array_bool(&a[9], rows_wants_report(lane, i));
		array_text(&a[10], reply->tip ? str_z(reply->tip->name) : (struct str){ 0 });
		array_text(&a[11], code.ptr ? STR("otp") : STR("reply"));
		array_text(&a[12], code.ptr ? seal_close(&lane->hall->seal, lane->arena, reply->text) : (struct str){ 0 });
	}
	if (!a[0].count)
		return;
	param_arrays(lane, 13, &p);
	add_scalars(lane, &s, &p, true);
	query(lane, Q_MT_INSERT, &p, TAG_ROWS);
}

/* That was shown, or withheld from the control group: whose count goes on alike. */
static const struct tip *tip_of(const struct lane *lane, unsigned i)
{
	const struct reply *reply = &lane->run[i].talk.reply;

	return reply->tip ? reply->tip : reply->withheld;
}

static void send_exposures(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_BOOL };
	struct db_params p = { 0 };
	struct array *a = lane->array;
	char version[12];

	begin_arrays(lane, 6, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];
		const struct tip *tip = tip_of(lane, i);

		if (!tip || !tip->steers)
			continue;
		struct uuid id = uuid_derive(&t->id, 0);
		array_text(&a[0], str_z(t->msisdn.text));
		array_time(&a[1], t->at_us);
		array_uuid(&a[2], &id);
		array_text(&a[3], str_z(tip->name));
		array_text(&a[4], str_z(tip->steers));
		array_bool(&a[5], lane->run[i].talk.reply.withheld != NULL);
	}
	if (!a[0].count)
		return;
	param_arrays(lane, 6, &p);
	snprintf(version, sizeof(version), "%d", lane->tables->version);
	db_param_text(&p, version);
	query(lane, Q_EXPOSURE_INSERT, &p, TAG_ROWS);
}

static void send_tips(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TEXT };
	struct db_params p = { 0 };

	begin_arrays(lane, 2, type);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct tip *tip = tip_of(lane, i);

		if (!tip)	/* one without a cap counts for the cap of all: hall.tip_room() */
			continue;
		array_text(&lane->array[0], str_z(lane->text[i]->msisdn.text));
		array_text(&lane->array[1], str_z(tip->name));
	}
	if (!lane->array[0].count)
		return;
	param_arrays(lane, 2, &p);
	query(lane, Q_TIP_SEEN_ADD, &p, TAG_ROWS);
}

static void send_repeats(struct lane *lane)
{
	struct db_params forget = { 0 }, put = { 0 };

	if (repeat_forget(lane, &forget))
		query(lane, Q_REPEAT_FORGET, &forget, TAG_ROWS);
	if (repeat_put(lane, &put))
		query(lane, Q_REPEAT_PUT, &put, TAG_ROWS);
}

static char *uuid_z(struct lane *lane, const struct uuid *uuid)
{
	char *text = arena_alloc(lane->arena, UUID_TEXT + 1);

	uuid_format(uuid, text);
	return text;
}

static void send_part(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	struct str body = seal_close(&lane->hall->seal, lane->arena, t->raw);
	char number[4][12], at[8];
	struct db_params p = { 0 };

	snprintf(number[0], sizeof(number[0]), "%u", t->part_ref);
	snprintf(number[1], sizeof(number[0]), "%u", t->part_total);
	snprintf(number[2], sizeof(number[0]), "%u", t->part_n);
	snprintf(number[3], sizeof(number[0]), "%d", t->coding);
	bin_time(at, t->at_us);
	db_param_text(&p, t->msisdn.text);
	db_param_text(&p, arena_z(lane->arena, t->port));
	db_param_text(&p, number[0]);
	db_param_text(&p, number[1]);
	if (!lane->run[i].incomplete) {
		query(lane, Q_PART_DROP, &p, TAG_ROWS);
		return;
	}
	db_param_text(&p, number[2]);
	db_param_text(&p, uuid_z(lane, &t->id));
	db_param_bytes(&p, at, 8);
	db_param_text(&p, t->link.ptr ? arena_z(lane->arena, t->link) : NULL);
	db_param_text(&p, number[3]);
	db_param_bytes(&p, body.ptr, body.len);
	query(lane, Q_PART_ADD, &p, TAG_ROWS);
}

static void send_parked(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	const struct text_run *run = &lane->run[i];
	struct str sealed = seal_close(&lane->hall->seal, lane->arena, run->whole);
	struct db_params p = { 0 };
	struct str command = command_id(run);
	char at[8], version[12];

	snprintf(version, sizeof(version), "%d", lane->tables->version);
	bin_time(at, t->at_us);
	db_param_text(&p, uuid_z(lane, t->retry ? &t->parked_id : &t->id));
	db_param_text(&p, t->msisdn.text);
	db_param_bytes(&p, at, 8);
	db_param_text(&p, arena_z(lane->arena, t->port));
	db_param_text(&p, t->link.ptr ? arena_z(lane->arena, t->link) : NULL);
	db_param_text(&p, arena_z(lane->arena, run->talk.match.secret ? run->talk.match.redacted : run->whole));
	db_param_bytes(&p, sealed.ptr, sealed.len);
	db_param_text(&p, command.ptr ? arena_z(lane->arena, command) : NULL);
	db_param_text(&p, version);
	db_param_text(&p, t->sqlstate);
	db_param_text(&p, t->error);
	query(lane, Q_PARK, &p, TAG_ROWS);
}

static void send_singles(struct lane *lane)
{
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];

		if (t->part_total && !lane->run[i].seen && !lane->run[i].deferred)
			send_part(lane, i);
		if (t->failed && is_new(lane, i)) {
			send_parked(lane, i);
		} else if (t->retry && is_new(lane, i)) {
			struct db_params p = { 0 };

			db_param_text(&p, uuid_z(lane, &t->parked_id));
			query(lane, Q_PARKED_DONE, &p, TAG_ROWS);
		}
	}
}

static bool is_failure(const struct state_change *c)
{
	return strcmp(c->state, "failed") == 0 || strcmp(c->state, "rejected") == 0;
}

/* The arrays that both sorts of reports have; how many there are. */
static unsigned state_arrays(struct lane *lane, bool failures)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2 };
	struct array *a = lane->array;

	begin_arrays(lane, 6, type);
	for (struct state_change *c = lane->batch_states; c; c = c->next) {
		if (is_failure(c) != failures)
			continue;
		array_text(&a[0], str_z(c->msisdn.text));
		array_time(&a[1], c->at_us);
		array_uuid(&a[2], &c->id);
		array_text(&a[3], str_z(c->state));
		array_text(&a[4], *c->why ? str_z(c->why) : (struct str){ 0 });
		array_int2(&a[5], (int)c->again);
	}
	return a[0].count;
}

static void send_reached(struct lane *lane)
{
	struct db_params p = { 0 };
	int64_t from = INT64_MAX, to = INT64_MIN;
	char earliest[8], latest[8];

	if (!state_arrays(lane, false))
		return;
	for (struct state_change *c = lane->batch_states; c; c = c->next) {
		from = c->at_us < from ? c->at_us : from;
		to = c->at_us > to ? c->at_us : to;
	}
	param_arrays(lane, 5, &p);
	bin_time(earliest, from);
	bin_time(latest, to);
	db_param_bytes(&p, earliest, 8);
	db_param_bytes(&p, latest, 8);
	query(lane, Q_MT_STATE, &p, TAG_ROWS);
}

static void send_failed(struct lane *lane)
{
	struct db_params p = { 0 };
	char now[8];

	if (!state_arrays(lane, true))
		return;
	param_arrays(lane, 6, &p);
	bin_time(now, hall_clock_us());
	db_param_bytes(&p, now, 8);
	query(lane, Q_DOOR_FAILED, &p, TAG_FAILED);
}

/* Failures last: what was delivered as well is not sent again. */
static void send_states(struct lane *lane)
{
	if (!lane->states)
		return;
	lane->batch_states = lane->states;
	lane->states = NULL;
	lane->states_last = &lane->states;
	lane->nstates = 0;
	send_reached(lane);
	send_failed(lane);
}

static void send_mark(struct lane *lane, int64_t batch)
{
	struct db_params p = { 0 };
	char conn[12], number[24], accepted[24];

	lane->accepted_telling = outbox_accepted(lane);
	snprintf(conn, sizeof(conn), "%u", lane->index);
	snprintf(number, sizeof(number), "%lld", (long long)batch);
	snprintf(accepted, sizeof(accepted), "%lld", (long long)lane->accepted_telling);
	db_param_text(&p, lane->hall->conf->instance);
	db_param_text(&p, conn);
	db_param_text(&p, number);
	db_param_text(&p, accepted);
	query(lane, Q_SENDER_MARK, &p, TAG_ROWS);
}

void rows_send(struct lane *lane)
{
	lane->state = LANE_COMMITTING;
	send_mo(lane);
	send_mt(lane);
	send_tips(lane);
	send_exposures(lane);
	send_repeats(lane);
	talk_send_rows(lane);
	send_singles(lane);
	send_states(lane);
	send_mark(lane, lane->batch);
	query(lane, Q_DURABLE, NULL, TAG_ROWS);
	query(lane, Q_COMMIT, NULL, TAG_COMMITTED);
	if (db_sync(lane->db, on_result, lane, TAG_ROWS))
		lane->due++;
}

void rows_send_mark(struct lane *lane)
{
	query(lane, Q_BEGIN, NULL, TAG_ROWS);
	send_states(lane);
	send_mark(lane, 0);
	again_send(lane);
	query(lane, Q_COMMIT, NULL, TAG_COMMITTED);
	if (db_sync(lane->db, on_result, lane, TAG_ROWS))
		lane->due++;
}

static void ack_report(struct state_change *c)
{
	char id[UUID_TEXT + 1];
	struct box_msg ack = { .type = BOX_ACK };

	if (!c->gateway || !box_is_up(c->gateway->box))
		return;
	uuid_format(&c->report_id, id);
	ack.ack.nack = BOX_ACK_SUCCESS;
	ack.ack.time = BOX_UNDEFINED;
	ack.ack.id = str_z(id);
	box_send(c->gateway->box, &ack);
	c->gateway->dirty = true;
}

void rows_told(struct lane *lane)
{
	while (lane->batch_states) {
		struct state_change *c = lane->batch_states;

		lane->batch_states = c->next;
		ack_report(c);
		free(c);
	}
	lane->accepted_told = lane->accepted_telling;
	lane->mark_due_ms = 0;
	if (outbox_accepted(lane) > lane->accepted_told)
		outbox_mark_due(lane);
}

void rows_untold(struct lane *lane)
{
	struct state_change **end = &lane->batch_states;

	while (*end)
		end = &(*end)->next;
	*end = lane->states;
	if (!lane->states)
		lane->states_last = end;
	lane->states = lane->batch_states;
	if (!lane->states)
		lane->states_last = &lane->states;
	lane->batch_states = NULL;
}
