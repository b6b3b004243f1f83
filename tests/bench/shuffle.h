/* shuffle - the numbers 0 to n - 1 in an order that the seed decides: customers do not write in the order in which
 * their rows lie on the disk. */
#pragma once
#include <stdint.h>

#include "base/mem.h"

/* To be freed. */
static inline uint32_t *shuffle_new(uint32_t n, uint64_t seed)
{
	uint32_t *order = mem_alloc(n * sizeof(*order));
	uint64_t random = seed * 2 + 1;

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (uint32_t i = n; i > 1; i--) {
		random ^= random >> 12;		/* xorshift64* */
		random ^= random << 25;
		random ^= random >> 27;
		uint32_t j = (random * 0x2545f4914f6cdd1du >> 11) % i, other = order[j];

		order[j] = order[i - 1];
		order[i - 1] = other;
	}
	return order;
}
