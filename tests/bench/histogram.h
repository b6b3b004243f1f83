/* histogram - times in microseconds in buckets whose width grows with the value (under 1 % of it),
 * so that percentiles of any number of samples take constant memory. */
#pragma once
#include <stdint.h>

enum { HISTOGRAM_FINE = 7, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_FINE + 1) << HISTOGRAM_FINE };

struct histogram {
	uint64_t count, max;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

static inline unsigned histogram_bucket(uint64_t value)
{
	unsigned bits = value ? 64 - __builtin_clzll(value) : 0;
	unsigned shift = bits > HISTOGRAM_FINE + 1 ? bits - HISTOGRAM_FINE - 1 : 0;

	return (shift << HISTOGRAM_FINE) + (unsigned)(value >> shift);
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
	h->bucket[histogram_bucket(value)]++;
	h->count++;
	if (value > h->max)
		h->max = value;
}

/* The highest value of the bucket that holds the sample of that rank; 0 without samples. */
static inline uint64_t histogram_at(const struct histogram *h, double percent)
{
	uint64_t rank = (uint64_t)(h->count * percent / 100), seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen > rank) {
			unsigned shift = i >> HISTOGRAM_FINE;

			shift -= shift > 0;
			uint64_t next = i - (shift << HISTOGRAM_FINE) + 1;
			uint64_t top = (next << shift) - 1;
			return top < h->max ? top : h->max;
		}
	}
	return h->max;
}
