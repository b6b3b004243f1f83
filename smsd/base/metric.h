/* metric - counters, gauges and histograms in one table (metric_list.h), shown in
 * Prometheus' text format.  The loop's thread writes and reads. */
#pragma once
#include <stdint.h>

#include "base/mem.h"

enum metric {
#define METRIC(id, kind, name, help) id,
#include "base/metric_list.h"
#undef METRIC
	METRIC_COUNT
};

void metric_add(enum metric metric, double n);			/* counter */
void metric_set(enum metric metric, double value);		/* gauge */
void metric_observe(enum metric metric, double seconds);	/* histogram, buckets 0.5 ms … 60 s */
double metric_get(enum metric metric);				/* counter, gauge; a histogram's count */
double metric_quantile(enum metric metric, double q);		/* of a histogram, in seconds; 0 when empty */
/* Counters with one label, made at first use; at most 1,000 label values a metric, then "other". */
void metric_add_label(enum metric metric, const char *label_value, double n);
void metric_text(struct buf *out);
