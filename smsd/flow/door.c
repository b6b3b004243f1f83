/* door - messages that no customer asked for (hall.held) go out through a lane of their own: what is due is judged by
 * hall.door_take(), which moves what may go now to this lane in one transaction; then it is sent as answers are, by a
 * connection of their own where the gateway has one.  flow/rate keeps the rates, and few are under way at a time, so that
 * answers never wait behind them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/blast.h"

enum { TAKE_MAX = 500, LOOK_MS = 200, IDLE_MS = 1000, STEP_MS = 50 };

static unsigned under_way(const struct lane *lane)
{
	unsigned n = 0;

	for (const struct mark *m = lane->mark_first; m; m = m->next)
		n += m->open;
	return n;
}

/* What a fifth of a second sends: enough for the way to the gateway and back. */
static unsigned under_way_max(const struct lane *lane)
{
	unsigned n = lane->hall->conf->door_rate / 5;

	return n < 50 ? 50 : n;
}

/* How many may be taken now; 0: later, and the loop will wake for it. */
static unsigned allowance(struct lane *lane)
{
	unsigned open = under_way(lane), most = under_way_max(lane), n;

	if (uv_now(lane->hall->loop) < lane->look_ms) {
		hall_wake(lane->hall, lane->look_ms - uv_now(lane->hall->loop));
		return 0;
	}
	n = outbox_open(lane->hall) ? rate_allowed(lane->hall->rate) : 0;
	if (n > TAKE_MAX)
		n = TAKE_MAX;
	if (open >= most)
		n = 0;
	else if (n > most - open)
		n = most - open;
	if (!n)
		hall_wake(lane->hall, 20);
	return n;
}

bool door_start(struct lane *lane)
{
	struct db_params p = { 0 };
	char now[8];

	if (lane->hall->draining || lane->held || !lane->hall->started)
		return false;
	lane->wanted = allowance(lane);
	if (!lane->wanted)
		return false;
	lane->failed_text = -1;
	lane->trouble = DB_OK;
	lane->committed = lane->due_now = lane->blast_due = lane->drawing = false;
	lane->due = 0;
	lane->state = LANE_ASKING;
	bin_time(now, hall_clock_us());
	db_param_bytes(&p, now, 8);
	batch_query(lane, Q_DOOR_DUE, &p, TAG_DUE);
	batch_query(lane, Q_BLAST_DUE, &p, TAG_BLAST_DUE);
	batch_wait(lane);
	db_flush(lane->db);
	return true;
}

static void take(struct lane *lane)
{
	struct db_params p = { 0 }, mark = { 0 };
	char conn[12], batch[24], n[12], accepted[24], now[8];

	lane->state = LANE_TAKING;
	outbox_hold(lane, hall_clock_us());
	snprintf(conn, sizeof(conn), "%u", lane->index);
	snprintf(batch, sizeof(batch), "%lld", (long long)lane->batch);
	snprintf(n, sizeof(n), "%u", lane->wanted);
	lane->accepted_telling = outbox_accepted(lane);
	snprintf(accepted, sizeof(accepted), "%lld", (long long)lane->accepted_telling);
	bin_time(now, hall_clock_us());
	db_param_text(&p, lane->hall->conf->instance);
	db_param_text(&p, conn);
	db_param_text(&p, batch);
	db_param_text(&p, n);
	db_param_bytes(&p, now, 8);
	rate_links(lane->hall->rate, &lane->array[0], &lane->array[1]);
	array_param(&lane->array[0], &p);
	array_param(&lane->array[1], &p);
	db_param_text(&mark, lane->hall->conf->instance);
	db_param_text(&mark, conn);
	db_param_text(&mark, batch);
	db_param_text(&mark, accepted);
	batch_query(lane, Q_BEGIN, NULL, TAG_PLAIN);
	batch_query(lane, Q_DOOR_TAKE, &p, TAG_TAKEN);
	batch_query(lane, Q_SENDER_MARK, &mark, TAG_PLAIN);
	batch_query(lane, Q_DURABLE, NULL, TAG_PLAIN);
	batch_query(lane, Q_COMMIT, NULL, TAG_TAKEN_COMMIT);
	batch_wait(lane);
	db_flush(lane->db);
}

void door_asked(struct lane *lane)
{
	if (lane->due_now && !(lane->blast_due && lane->blast_turn)) {
		take(lane);
		return;
	}
	if (lane->blast_due) {
		lane->drawing = true;
		lane->blast_turn = false;
		blast_draw(lane->blast, lane->wanted);
		return;
	}
	lane->look_ms = uv_now(lane->hall->loop) + IDLE_MS;
	lane->state = LANE_IDLE;
	lane->tries = 0;
}

static unsigned send_taken(struct lane *lane)
{
	unsigned n = PQntuples(lane->taken);

	if (n) {
		CRASH(unasked_due_taken);
		outbox_send_rows(lane, lane->taken);
	}
	lane->blast_turn = n < lane->wanted;
	for (unsigned i = 0; i < n; i++)
		rate_spend(lane->hall->rate, db_cell(lane->taken, (int)i, 4), (unsigned)atoi(PQgetvalue(lane->taken, (int)i, 7)));
	lane->look_ms = uv_now(lane->hall->loop) + (n == lane->wanted ? 0 : LOOK_MS);
	PQclear(lane->taken);
	lane->taken = NULL;
	return n;
}

/* A step costs the database some milliseconds, however few it takes: answers would wait for many small ones. */
static unsigned send_blast(struct lane *lane)
{
	unsigned taken = blast_taken(lane->blast), n = blast_committed(lane->blast);

	lane->look_ms = uv_now(lane->hall->loop) + (!taken ? LOOK_MS : taken < TAKE_MAX ? STEP_MS : 0);
	return n;
}

void door_committed(struct lane *lane)
{
	unsigned n = lane->drawing ? send_blast(lane) : send_taken(lane);

	metric_add(M_DOOR_SENT, n);
	outbox_release(lane);
	outbox_mark_due(lane);	/* the batch may have been one of refusals: then nothing else tells that it is over */
}

/* Where the answer to COMMIT was lost, the batch's mark stays until it was asked what is ours. */
void door_undone(struct lane *lane)
{
	PQclear(lane->taken);
	lane->taken = NULL;
	blast_undone(lane->blast);
	again_untold(lane->hall);
	lane->look_ms = uv_now(lane->hall->loop) + LOOK_MS;
	if (lane->trouble == DB_BLAME_CONNECTION)
		lane->recovered = false;
	else
		outbox_release(lane);
}
