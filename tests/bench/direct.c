/* direct - onetx's texts without a gateway: made and understood before the clock starts, then given to the
 * connections as fast as they take them, so that only the database's side is measured. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/log.h"
#include "histogram.h"
#include "mix.h"
#include "onetx.h"
#include "shuffle.h"

enum { HOME_LEN = 11 };

struct direct {
	const struct onetx_conf *conf;
	const struct work_hall *hall;
	uv_loop_t *loop;
	struct arena *arena;
	struct runner *runner[ONETX_CONNECTIONS_MAX];
	unsigned ready;
	struct work *work;
	uint64_t total, next, done, done_before;
	uint64_t measured_from, measured_to;
	double cpu_from, cpu_to;
	struct histogram times;
};

static double cpu_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_usec;
}

static void give(struct direct *d, struct runner *runner)
{
	struct work *list[RUNNER_TEXTS_MAX];
	uint64_t now = uv_hrtime();
	unsigned n = 0;

	for (; n < d->conf->batch && d->next < d->total; n++) {
		list[n] = &d->work[d->next++];
		list[n]->began_ns = now;
	}
	if (n)
		runner_run(runner, list, n);
}

static void start_clock(struct direct *d)
{
	d->measured_from = uv_hrtime();
	d->cpu_from = cpu_us();
	d->done_before = d->done;
}

static void committed(struct direct *d, struct work **work, unsigned count)
{
	d->measured_to = uv_hrtime();
	d->done += count;
	for (unsigned i = 0; i < count; i++)
		if ((uint64_t)(work[i] - d->work) >= d->conf->warmup)
			histogram_add(&d->times, (d->measured_to - work[i]->began_ns) / 1000);
	if (!d->done_before && d->conf->warmup && d->done >= d->conf->warmup)
		start_clock(d);
	if (d->done == d->total) {
		d->cpu_to = cpu_us();
		uv_stop(d->loop);
	}
}

static void on_runner(void *arg, struct runner *runner, struct work **work, unsigned count)
{
	struct direct *d = arg;

	if (count) {
		committed(d, work, count);
		give(d, runner);
		return;
	}
	if (++d->ready < d->conf->connections)
		return;
	start_clock(d);
	for (unsigned i = 0; i < d->conf->connections; i++)
		give(d, d->runner[i]);
}

static void make_text(struct direct *d, uint64_t i, uint32_t subscriber, struct str words)
{
	struct work *work = &d->work[i];
	struct uuid parent = uuid_v7();

	work->id = uuid_derive(&parent, (uint32_t)i);	/* as random as the gateway's */
	work->at_us = time(NULL) * 1000000ll;
	work->raw = arena_str(d->arena, words);
	work->port = str_z(d->conf->to);
	work->link = STR("main");
	snprintf(work->msisdn.text, sizeof(work->msisdn.text), "%0*llu", HOME_LEN,
		 (unsigned long long)(d->conf->first + subscriber));
	work->msisdn.home = true;
	work->sender = arena_str(d->arena, str_z(work->msisdn.text));
	work_understand(d->hall, work, d->arena);
}

static int make_texts(struct direct *d, struct err *err)
{
	struct mix *mix = mix_new(d->conf->mix, d->conf->seed, err);
	uint32_t *order;
	struct buf words = { 0 };
	int failed = 0;

	if (!mix)
		return -1;
	mix_vouchers(mix, d->conf->voucher, d->conf->vouchers);
	order = shuffle_new(d->conf->subscribers, d->conf->seed);
	d->work = mem_alloc(d->total * sizeof(*d->work));
	for (uint64_t i = 0; i < d->total && !failed; i++) {
		words.len = 0;
		failed = mix_next(mix, i, &words, NULL, err);
		if (!failed)
			make_text(d, i, order[i % d->conf->subscribers], buf_get(&words));
	}
	buf_free(&words);
	free(order);
	mix_free(&mix);
	return failed;
}

static void report(const struct direct *d)
{
	uint64_t measured = d->done - d->done_before, transactions = 0;
	double seconds = (d->measured_to - d->measured_from) / 1e9;
	const struct histogram *h = &d->times;

	for (unsigned i = 0; i < d->conf->connections; i++)
		transactions += d->runner[i]->transactions;
	printf("{\"shape\":\"%s\",\"connections\":%u,\"texts\":%lu,\"warmup\":%lu,\"seconds\":%.3f,"
	       "\"texts_per_s\":%.1f,\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
	       "\"texts_per_transaction\":%.1f,\"cpu_us_per_text\":%.1f}\n",
	       d->conf->shape->name, d->conf->connections, d->conf->texts, d->conf->warmup, seconds,
	       measured / seconds, histogram_at(h, 50) / 1e3, histogram_at(h, 95) / 1e3,
	       histogram_at(h, 99) / 1e3, h->max / 1e3, (double)d->done / transactions,
	       (d->cpu_to - d->cpu_from) / measured);
}

static int run(struct direct *d)
{
	struct err err;

	if (make_texts(d, &err) < 0) {
		log_error("onetx_texts", "error=\"%s\"", err.text);
		return ONETX_FAILED;
	}
	for (unsigned i = 0; i < d->conf->connections; i++)
		d->runner[i] = runner_new(d->loop, d->conf->conninfo, d->conf->shape, i, d->hall, on_runner, d);
	uv_run(d->loop, UV_RUN_DEFAULT);
	report(d);
	for (unsigned i = 0; i < d->conf->connections; i++)
		runner_free(&d->runner[i]);
	uv_run(d->loop, UV_RUN_DEFAULT);
	return ONETX_OK;
}

int direct_run(const struct onetx_conf *conf, const struct work_hall *hall)
{
	struct direct *d = mem_alloc(sizeof(*d));
	int status;

	d->conf = conf;
	d->hall = hall;
	d->loop = uv_default_loop();
	d->arena = arena_new();
	d->total = conf->texts + conf->warmup;
	status = run(d);
	uv_loop_close(d->loop);
	arena_free(&d->arena);
	free(d->work);
	free(d);
	return status;
}
