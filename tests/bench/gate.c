/* gate - onetx behind a gateway: a box like smsd, whose texts wait in one queue for the next free connection;
 * each is acknowledged and answered once its transaction has committed.
 * Ends on SIGTERM and SIGINT. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"
#include "onetx.h"
#include "respond.h"
#include "text/fold.h"
#include "text/utf16.h"

struct mo {				/* work first: a work is its mo */
	struct work work;
	struct arena *arena;
};

struct gate {
	const struct onetx_conf *conf;
	const struct work_hall *hall;
	uv_loop_t *loop;
	struct box *box;
	struct runner *runner[ONETX_CONNECTIONS_MAX], *idle;
	unsigned ready;
	struct work *queue, **queue_last, *spare;
	uv_prepare_t prepare;
	uint64_t answered, ignored;
};

static struct mo *mo_of(struct work *work)
{
	return (struct mo *)work;
}

static void dispatch(struct gate *g)
{
	while (g->queue && g->idle) {
		struct work *list[RUNNER_TEXTS_MAX];
		struct runner *runner = g->idle;
		unsigned n = 0;

		for (; g->queue && n < g->conf->batch; n++) {
			list[n] = g->queue;
			g->queue = g->queue->next;
		}
		if (!g->queue)
			g->queue_last = &g->queue;
		g->idle = runner->next_idle;
		runner_run(runner, list, n);
	}
}

static void answer(struct gate *g, struct work *work)
{
	struct mo *mo = mo_of(work);
	bool gsm = glyph_coding(work->reply.text) == CODING_GSM7;
	struct response response = {
		.text = gsm ? work->reply.text : utf16_from_utf8(mo->arena, work->reply.text),
		.coding = gsm ? BOX_CODING_UTF8 : BOX_CODING_UCS2,
		.boxc_id = g->conf->box.boxc_id,
	};
	char id[UUID_TEXT + 1];
	struct box_sms sms;

	uuid_format(&work->id, id);
	wire_sms_init(&sms);
	sms.id = str_n(id, UUID_TEXT);
	sms.time = work->time;
	sms.sender = work->sender;
	sms.receiver = work->port;
	sms.smsc_id = work->link;
	respond_ack(g->box, &sms);
	respond_send(g->box, &sms, &response);
	g->answered++;
}

static void on_runner(void *arg, struct runner *runner, struct work **work, unsigned count)
{
	struct gate *g = arg;

	for (unsigned i = 0; i < count; i++) {
		answer(g, work[i]);
		work[i]->next = g->spare;
		g->spare = work[i];
	}
	runner->next_idle = g->idle;
	g->idle = runner;
	dispatch(g);
}

static struct work *work_new(struct gate *g)
{
	struct work *work = g->spare;
	struct mo *mo;

	if (work) {
		g->spare = work->next;
		arena_reset(mo_of(work)->arena);
	} else {
		mo = mem_alloc(sizeof(*mo));
		mo->arena = arena_new();
		work = &mo->work;
	}
	work->next = NULL;
	return work;
}

static struct str decode(struct arena *arena, const struct box_sms *sms)
{
	if (!sms->msgdata.ptr)
		return STR("");
	if (sms->coding == BOX_CODING_UCS2)
		return fold_utf8_mend(arena, utf16_to_utf8(arena, sms->msgdata));
	return arena_str(arena, fold_utf8_mend(arena, sms->msgdata));
}

static void take_mo(struct gate *g, const struct box_sms *sms)
{
	struct work *work = work_new(g);
	struct arena *arena = mo_of(work)->arena;

	if (uuid_parse(sms->id, &work->id, NULL) < 0 || msisdn_parse(sms->sender, &work->msisdn, NULL) < 0) {
		respond_ack(g->box, sms);
		g->ignored++;
		work->next = g->spare;
		g->spare = work;
		return;
	}
	work->time = sms->time;
	work->at_us = sms->time * 1000000ll;
	work->raw = decode(arena, sms);
	work->sender = arena_str(arena, sms->sender);
	work->port = arena_str(arena, sms->receiver);
	work->link = arena_str(arena, sms->smsc_id);
	work_understand(g->hall, work, arena);
	*g->queue_last = work;
	g->queue_last = &work->next;
	dispatch(g);
}

static void on_box(void *arg, struct box *box, enum box_event event, const struct box_msg *msg)
{
	struct gate *g = arg;

	switch (event) {
	case BOX_EV_MSG:
		if (msg->type == BOX_SMS && msg->sms.sms_type == BOX_MO)
			take_mo(g, &msg->sms);
		else if (msg->type == BOX_SMS)
			respond_ack(box, &msg->sms);
		break;
	case BOX_EV_UP:
		log_info("box_up", "host=%s port=%d", g->conf->box.host, g->conf->box.port);
		break;
	case BOX_EV_SHUTDOWN:
		box_close(box, true);
		break;
	case BOX_EV_DOWN:
	case BOX_EV_SUSPEND:
	case BOX_EV_RESUME:
		break;
	}
}

static void before_sleep(uv_prepare_t *prepare)
{
	struct gate *g = prepare->data;

	if (g->box)
		box_flush(g->box);
}

/* No text is taken before all connections are there. */
static void on_ready(void *arg, struct runner *runner, struct work **work, unsigned count)
{
	struct gate *g = arg;

	on_runner(g, runner, work, count);
	if (count == 0 && ++g->ready == g->conf->connections)
		g->box = box_new(g->loop, &g->conf->box, on_box, g);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static void report(const struct gate *g)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	double us = r.ru_utime.tv_sec * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_sec * 1e6 + r.ru_stime.tv_usec;
	printf("{\"shape\":\"%s\",\"connections\":%u,\"answered\":%lu,\"ignored\":%lu,\"cpu_us_per_text\":%.1f}\n",
	       g->conf->shape->name, g->conf->connections, g->answered, g->ignored,
	       g->answered ? us / g->answered : 0);
}

static void free_works(struct work *list)
{
	while (list) {
		struct work *next = list->next;

		arena_free(&mo_of(list)->arena);
		free(list);
		list = next;
	}
}

static void stop(struct gate *g)
{
	for (unsigned i = 0; i < g->conf->connections; i++) {
		free_works(g->spare);
		g->spare = NULL;
		for (unsigned k = 0; k < g->runner[i]->count; k++)
			g->runner[i]->work[k]->next = g->spare, g->spare = g->runner[i]->work[k];
		runner_free(&g->runner[i]);
	}
	free_works(g->spare);
	free_works(g->queue);
	if (g->box)
		box_free(&g->box);
}

int gate_run(const struct onetx_conf *conf, const struct work_hall *hall)
{
	uv_loop_t *loop = uv_default_loop();
	struct gate g = { .conf = conf, .hall = hall, .loop = loop };
	uv_signal_t term, interrupt;

	g.queue_last = &g.queue;
	uv_signal_init(loop, &term);
	uv_signal_init(loop, &interrupt);
	uv_signal_start(&term, on_signal, SIGTERM);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	uv_prepare_init(loop, &g.prepare);
	g.prepare.data = &g;
	uv_prepare_start(&g.prepare, before_sleep);
	for (unsigned i = 0; i < conf->connections; i++)
		g.runner[i] = runner_new(loop, conf->conninfo, conf->shape, i, hall, on_ready, &g);
	uv_run(loop, UV_RUN_DEFAULT);
	report(&g);
	uv_close((uv_handle_t *)&g.prepare, NULL);
	uv_close((uv_handle_t *)&term, NULL);
	uv_close((uv_handle_t *)&interrupt, NULL);
	stop(&g);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	return ONETX_OK;
}
