/* metric - see metric.h.  Text format: Prometheus exposition format 0.0.4. */
#include "base/metric.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "base/map.h"

enum { LABELS_MAX = 1000 };
enum kind { COUNTER, GAUGE, HISTOGRAM, LABELLED };

static const double bucket_end[] = {
	.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 60,
};
enum { BUCKETS = sizeof(bucket_end) / sizeof(*bucket_end) };

static const struct {
	enum kind kind;
	const char *label, *name, *help;
} metrics[METRIC_COUNT] = {
#define LABELLED(label) LABELLED, label
#define COUNTER COUNTER, NULL
#define GAUGE GAUGE, NULL
#define HISTOGRAM HISTOGRAM, NULL
#define METRIC(id, kind, name, help) [id] = { kind, name, help },
#include "base/metric_list.h"
#undef METRIC
#undef LABELLED
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
};

struct series {			/* of one label value */
	struct str label;
	double value;
};

static struct {
	double value;		/* a histogram's count; the sum over the labels */
	double sum;		/* of what a histogram observed, seconds */
	double bucket[BUCKETS + 1];	/* each alone; the last is what was longer than all */
	struct map *by_label;
	struct series *series[LABELS_MAX + 1];	/* as they came; one more for "other" */
	unsigned nseries;
} state[METRIC_COUNT];

void metric_add(enum metric metric, double n)
{
	assert(metrics[metric].kind == COUNTER && n >= 0);
	state[metric].value += n;
}

void metric_set(enum metric metric, double value)
{
	assert(metrics[metric].kind == GAUGE);
	state[metric].value = value;
}

void metric_observe(enum metric metric, double seconds)
{
	unsigned i = 0;

	assert(metrics[metric].kind == HISTOGRAM);
	while (i < BUCKETS && seconds > bucket_end[i])
		i++;
	state[metric].bucket[i]++;
	state[metric].value++;
	state[metric].sum += seconds;
}

double metric_get(enum metric metric)
{
	return state[metric].value;
}

/* Inside a bucket the observations are taken to be spread evenly. */
double metric_quantile(enum metric metric, double q)
{
	double rank = q * state[metric].value, below = 0;

	assert(metrics[metric].kind == HISTOGRAM);
	if (state[metric].value == 0)
		return 0;
	for (unsigned i = 0; i < BUCKETS; i++) {
		double here = state[metric].bucket[i], start = i ? bucket_end[i - 1] : 0;

		if (here > 0 && below + here >= rank)
			return start + (bucket_end[i] - start) * (rank - below) / here;
		below += here;
	}
	return bucket_end[BUCKETS - 1];
}

static struct series *series_of(enum metric metric, struct str label)
{
	struct map **map = &state[metric].by_label;

	if (!*map)
		*map = map_new();
	struct series *s = map_get(*map, label);
	if (s)
		return s;
	if (state[metric].nseries >= LABELS_MAX) {
		label = STR("other");
		s = map_get(*map, label);
		if (s)
			return s;
	}
	s = mem_alloc(sizeof(*s));
	s->label = str_n(mem_dup(label), label.len);
	map_put(*map, s->label, s);
	state[metric].series[state[metric].nseries++] = s;
	return s;
}

void metric_add_label(enum metric metric, const char *label_value, double n)
{
	assert(metrics[metric].kind == LABELLED && n >= 0);
	series_of(metric, str_z(label_value))->value += n;
	state[metric].value += n;
}

static void put_number(struct buf *out, double n)
{
	if (fabs(n) < 1e15 && n == (double)(int64_t)n)
		buf_printf(out, "%" PRId64 "\n", (int64_t)n);
	else
		buf_printf(out, "%.9g\n", n);
}

static void put_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\n')
			buf_z(out, "\\n");
		else if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			buf_printf(out, "\\%c", s.ptr[i]);
		else
			buf_char(out, s.ptr[i]);
}

static void put_labelled(enum metric metric, struct buf *out)
{
	for (unsigned i = 0; i < state[metric].nseries; i++) {
		const struct series *s = state[metric].series[i];

		buf_printf(out, "%s{%s=\"", metrics[metric].name, metrics[metric].label);
		put_escaped(out, s->label);
		buf_z(out, "\"} ");
		put_number(out, s->value);
	}
}

static void put_histogram(enum metric metric, struct buf *out)
{
	const char *name = metrics[metric].name;
	double below = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		below += state[metric].bucket[i];
		buf_printf(out, "%s_bucket{le=\"%g\"} ", name, bucket_end[i]);
		put_number(out, below);
	}
	buf_printf(out, "%s_bucket{le=\"+Inf\"} ", name);
	put_number(out, state[metric].value);
	buf_printf(out, "%s_sum ", name);
	put_number(out, state[metric].sum);
	buf_printf(out, "%s_count ", name);
	put_number(out, state[metric].value);
}

void metric_text(struct buf *out)
{
	static const char *const type[] = {
		[COUNTER] = "counter", [LABELLED] = "counter", [GAUGE] = "gauge",
		[HISTOGRAM] = "histogram",
	};

	for (enum metric m = 0; m < METRIC_COUNT; m++) {
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metrics[m].name, metrics[m].help,
			   metrics[m].name, type[metrics[m].kind]);
		if (metrics[m].kind == LABELLED) {
			put_labelled(m, out);
		} else if (metrics[m].kind == HISTOGRAM) {
			put_histogram(m, out);
		} else {
			buf_printf(out, "%s ", metrics[m].name);
			put_number(out, state[m].value);
		}
	}
}
