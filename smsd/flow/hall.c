/* hall - puts the parts together and runs them: before each wait and after it
 * hall_pump() lets every lane do what it can, hands out what became due, and writes once to
 * each link. */
#include "flow/blast.h"
#include "flow/hall.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"

enum {
	CLOSE_MS = 2000,	/* how long a gateway may take to close its side */
	REST_MS = 1,		/* how long its texts may gather unread */
};

int64_t hall_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct lane *hall_lane(struct hall *hall, struct str msisdn)
{
	return &hall->lane[map_hash(msisdn) % (hall->nlanes - 1)];
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;		/* waking is all: the pump runs before the next wait */
}

void hall_wake(struct hall *hall, unsigned ms)
{
	if (!uv_is_active((uv_handle_t *)&hall->tick) || uv_timer_get_due_in(&hall->tick) > ms)
		uv_timer_start(&hall->tick, on_tick, ms, 0);
}

static void start_gateways(struct hall *hall)
{
	for (unsigned i = 0; i < hall->nlanes; i++)
		if (!hall->lane[i].recovered)
			return;
	hall->started = true;
	for (unsigned i = 0; i < hall->ngateways; i++) {
		struct gateway *g = &hall->gateway[i];

		g->box = box_new(hall->loop, &g->conf, inbox_event, g);
	}
}

static void pump_gateway(struct gateway *g)
{
	struct hall *hall = g->hall;

	if (!g->box)
		return;
	if (g->waiting && g->pause_until_ms > uv_now(hall->loop))
		hall_wake(hall, g->pause_until_ms - uv_now(hall->loop));
	outbox_send(g);
	if (g->dirty) {
		box_flush(g->box);
		CRASH(answers_sent);
		if (g->sent_last && g->sent_last->unasked)
			CRASH(unasked_sent);
	}
	g->dirty = false;
	if (g->closing && (g->in_flight == 0 || uv_now(hall->loop) >= g->close_by_ms)) {
		log_info("box_closing", "gateway=%s unacknowledged=%u", g->conf.name, g->in_flight);
		g->closing = false;
		box_close(g->box, true);
	}
}

/* A link that is down holds nobody up: what was to go by it is in the database. */
static bool sending(const struct hall *hall)
{
	for (unsigned i = 0; i < hall->ngateways; i++) {
		const struct gateway *g = &hall->gateway[i];

		if ((g->sent_first || g->waiting) && g->box && box_is_up(g->box))
			return true;
	}
	return false;
}

/* Nothing under way and all told; or time is up: what is left is unacknowledged, or in the database. */
static bool drained(struct hall *hall)
{
	if (uv_now(hall->loop) >= hall->drain_deadline_ms)
		return true;
	if (sending(hall))
		return false;
	for (unsigned i = 0; i < hall->nlanes; i++) {
		struct lane *lane = &hall->lane[i];

		if (lane->state == LANE_DOWN)
			continue;
		if (lane->door && hall->again)
			return false;
		if (lane->queued || lane->n || map_count(lane->proving) || lane->states || lane->mark_due_ms || lane->state != LANE_IDLE)
			return false;
	}
	return true;
}

/* Links are closed in order, so that a reset cannot overtake our last acknowledgements. */
static void drain_step(struct hall *hall)
{
	hall_wake(hall, 50);
	if (!hall->drained && drained(hall)) {
		hall->drained = true;
		hall->drain_deadline_ms = uv_now(hall->loop) + CLOSE_MS;
		log_info("drained", "unacknowledged=%u open=%zu", hall->in_flight, map_count(hall->open));
		CRASH(drained);
		control_leave(hall->control);
		for (unsigned i = 0; i < hall->ngateways; i++)
			if (hall->gateway[i].box)
				box_close(hall->gateway[i].box, false);
	}
	/* A server that cannot answer us would drop what we asked of it last. */
	bool left = metric_get(M_BOX_UP) < 1 && control_left(hall->control);
	if (hall->drained && (left || uv_now(hall->loop) >= hall->drain_deadline_ms))
		uv_stop(hall->loop);
}

/* While every connection has a batch under way a new text can only wait: better many in one wake-up than each by itself.
 * They are looked after each millisecond, and before the next batch is chosen. */
static bool all_busy(const struct hall *hall)
{
	for (unsigned i = 0; i + 1 < hall->nlanes; i++)
		if (hall->lane[i].due == 0)
			return false;
	return !hall->draining;
}

static void read_gateways(struct hall *hall, bool on)
{
	for (unsigned i = 0; i < hall->ngateways; i++)
		if (hall->gateway[i].box)
			box_read(hall->gateway[i].box, on);
}

static void on_rest(uv_timer_t *timer)
{
	read_gateways(timer->data, false);
}

static void end_rest(struct hall *hall)
{
	if (!hall->resting)
		return;
	hall->resting = false;
	uv_timer_stop(&hall->rest);
	read_gateways(hall, true);
}

static void begin_rest(struct hall *hall)
{
	if (!hall->resting)
		uv_timer_start(&hall->rest, on_rest, REST_MS, REST_MS);
	hall->resting = true;
	for (unsigned i = 0; i < hall->ngateways; i++)
		if (hall->gateway[i].box)
			box_rest(hall->gateway[i].box);
}

void hall_pump(struct hall *hall)
{
	if (!all_busy(hall))
		end_rest(hall);
	if (!hall->started && hall->tables && hall->vocabulary && hall->instance_ours && hall->older_loaded &&
	    !hall->draining)
		start_gateways(hall);
	for (unsigned i = 0; i < hall->nlanes; i++)
		batch_step(&hall->lane[i]);
	remind_step(hall->remind);
	for (unsigned i = 0; i < hall->ngateways; i++)
		pump_gateway(&hall->gateway[i]);
	metric_set(M_IN_FLIGHT, hall->in_flight);
	metric_set(M_MT_OPEN, map_count(hall->open));
	if (hall->draining)
		drain_step(hall);
	if (all_busy(hall))
		begin_rest(hall);
}

static void on_prepare(uv_prepare_t *handle)
{
	hall_pump(handle->data);
}

static void on_check(uv_check_t *handle)
{
	hall_pump(handle->data);
}

static void lane_init(struct hall *hall, unsigned index)
{
	struct lane *lane = &hall->lane[index];
	unsigned max = hall->conf->batch_max;

	*lane = (struct lane){ .hall = hall, .index = index, .failed_text = -1 };
	snprintf(lane->label, sizeof(lane->label), "lane%u", index);
	queue_init(lane);
	lane->states_last = &lane->states;
	lane->text = mem_alloc(max * sizeof(*lane->text));
	lane->run = mem_alloc(max * sizeof(*lane->run));
	lane->recent = mem_alloc(max * sizeof(*lane->recent));
	lane->order = mem_alloc(max * sizeof(*lane->order));
	lane->arena = arena_new();
	lane->senders = map_new();
	uv_timer_init(hall->loop, &lane->pause);
	lane->pause.data = lane;
	lane->db = db_new(hall->loop, hall->conf->db_conninfo, lane->label, batch_event, lane);
}

static struct gateway *gateway_init(struct hall *hall, const struct conf_gateway *c)
{
	struct gateway *g = &hall->gateway[hall->ngateways++];

	g->hall = hall;
	g->waiting_last = &g->waiting;
	g->replies = g->unasked = true;
	g->conf = (struct box_conf){
		.name = c->name, .host = c->host, .port = c->port, .boxc_id = c->boxc_id, .tls = c->tls,
		.tls_ca = c->tls_ca, .tls_name = c->tls_name,
		.heartbeat_s = 30, .backoff_min_ms = 200, .backoff_max_ms = 10000,
	};
	return g;
}

/* A second connection to the same bearerbox: what no customer asked for goes by it, and its acknowledgements and reports
 * come back by it. */
static void gateways_init(struct hall *hall, const struct conf_gateway *c)
{
	struct gateway *g = gateway_init(hall, c), *bulk;

	if (!c->bulk_boxc_id)
		return;
	bulk = gateway_init(hall, c);
	snprintf(bulk->bulk_name, sizeof(bulk->bulk_name), "%s-bulk", c->name);
	bulk->conf.name = bulk->bulk_name;
	bulk->conf.boxc_id = c->bulk_boxc_id;
	bulk->replies = g->unasked = false;
}

int hall_new(uv_loop_t *loop, const struct conf *conf, struct hall **hall_r, struct err *err)
{
	struct hall *hall = mem_alloc(sizeof(*hall));

	hall->loop = loop;
	hall->conf = conf;
	hall->boot_s = time(NULL);
	if (seal_read_key(conf->seal_key_file, &hall->seal, err) < 0) {
		free(hall);
		return -1;
	}
	hall->open = map_new();
	uv_prepare_init(loop, &hall->prepare);
	uv_check_init(loop, &hall->check);
	uv_timer_init(loop, &hall->tick);
	uv_timer_init(loop, &hall->rest);
	hall->rest.data = hall;
	hall->prepare.data = hall->check.data = hall;
	uv_prepare_start(&hall->prepare, on_prepare);
	uv_check_start(&hall->check, on_check);
	for (unsigned i = 0; i < conf->ngateways; i++)
		gateways_init(hall, &conf->gateway[i]);
	hall->rate = rate_new(loop, conf->door_rate);
	hall->nlanes = conf->db_connections + 1;
	for (unsigned i = 0; i < hall->nlanes; i++)
		lane_init(hall, i);
	hall->lane[hall->nlanes - 1].door = true;
	hall->lane[hall->nlanes - 1].blast = blast_new(&hall->lane[hall->nlanes - 1]);
	hall->control = control_new(hall);
	hall->remind = remind_new(hall);
	*hall_r = hall;
	return 0;
}

void hall_drain(struct hall *hall)
{
	if (hall->draining)
		return;
	log_info("draining", "in_flight=%u open=%zu", hall->in_flight, map_count(hall->open));
	hall->draining = true;
	hall->drain_deadline_ms = uv_now(hall->loop) + hall->conf->drain_s * 1000;
	hall_wake(hall, 0);
}

static void lane_free(struct lane *lane)
{
	db_free(&lane->db);
	for (unsigned i = 0; i < lane->n; i++) {
		PQclear(lane->run[i].result);
		PQclear(lane->run[i].parts);
		text_free(lane->text[i]);
	}
	PQclear(lane->taken);
	if (lane->blast)
		blast_free(&lane->blast);
	queue_free(lane);
	tables_unref(&lane->tables);
	vocabulary_unref(&lane->vocabulary);
	free(lane->text);
	free(lane->run);
	free(lane->recent);
	free(lane->order);
	arena_free(&lane->arena);
	map_free(&lane->senders);
	for (unsigned k = 0; k < sizeof(lane->array) / sizeof(*lane->array); k++)
		array_free(&lane->array[k]);
	uv_close((uv_handle_t *)&lane->pause, NULL);
}

/* The loop must run once more after this, for the handles to close, before *hall's memory may go. */
void hall_free(struct hall **hall)
{
	struct hall *h = *hall;

	h->ending = true;
	uv_close((uv_handle_t *)&h->prepare, NULL);
	uv_close((uv_handle_t *)&h->check, NULL);
	uv_close((uv_handle_t *)&h->tick, NULL);
	control_free(&h->control);
	remind_free(&h->remind);
	rate_free(&h->rate);
	for (unsigned i = 0; i < h->ngateways; i++)
		if (h->gateway[i].box)
			box_free(&h->gateway[i].box);
	for (unsigned i = 0; i < h->nlanes; i++)
		lane_free(&h->lane[i]);
	outbox_free(h);
	tables_unref(&h->tables);
	for (unsigned i = 0; i < OLDER_MAX; i++)
		tables_unref(&h->older[i]);
	vocabulary_unref(&h->vocabulary);
	nearest_words_free(&h->words);
	uv_run(h->loop, UV_RUN_DEFAULT);
	free(h);
	*hall = NULL;
}

const struct tables *hall_tables_of(const struct hall *hall, int version)
{
	if (hall->tables && hall->tables->version == version)
		return hall->tables;
	for (unsigned i = 0; i < OLDER_MAX; i++)
		if (hall->older[i] && hall->older[i]->version == version)
			return hall->older[i];
	return NULL;
}

void hall_keep_tables(struct hall *hall, struct tables *tables)
{
	tables_unref(&hall->older[OLDER_MAX - 1]);
	memmove(hall->older + 1, hall->older, (OLDER_MAX - 1) * sizeof(*hall->older));
	hall->older[0] = tables_ref(tables);
}

/* A batch under way holds what it looks at. */
void hall_take_tables(struct hall *hall, struct tables *tables)
{
	unsigned last = OLDER_MAX - 1;

	for (unsigned i = 0; i < OLDER_MAX; i++)	/* back in force after a rollback: one of it is enough */
		if (hall->older[i] && hall->older[i]->version == tables->version)
			last = i;
	tables_unref(&hall->older[last]);
	memmove(hall->older + 1, hall->older, last * sizeof(*hall->older));
	hall->older[0] = hall->tables;
	hall->tables = tables_ref(tables);
}

bool hall_ready(struct hall *hall, char *detail_r, size_t size)
{
	bool tables = hall->tables != NULL, lanes = false;
	int gateways = 0;

	for (unsigned i = 0; i < hall->ngateways; i++)
		gateways += hall->gateway[i].replies && hall->gateway[i].box && box_is_up(hall->gateway[i].box);

	for (unsigned i = 0; i < hall->nlanes; i++)
		lanes |= db_is_up(hall->lane[i].db);
	bool ready = tables && gateways && lanes && !hall->draining;
	snprintf(detail_r, size,
		 "{\"ready\":%s,\"table_version\":%d,\"gateways_up\":%d,\"database\":%s,\"instance\":%s,\"draining\":%s}",
		 ready ? "true" : "false", tables ? hall->tables->version : 0, gateways,
		 lanes ? "true" : "false", hall->instance_ours ? "true" : "false", hall->draining ? "true" : "false");
	return ready;
}
