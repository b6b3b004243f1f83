/* guard - see guard.h. */
#include "admin/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ADDRESSES = 256, GOOD = 64, BURST = 10, REFILL_MS = 6000, GOOD_MS = 600000, ADDRESS_LEN = 48 };

struct guard {
	struct {
		char address[ADDRESS_LEN];
		uint64_t full_ms;	/* when all its failures are forgotten */
	} from[ADDRESSES];
	struct {
		unsigned char hash[GUARD_HASH];
		uint64_t until_ms;
	} good[GOOD];
	unsigned next_good;
};

struct guard *guard_new(void)
{
	return mem_alloc(sizeof(struct guard));
}

void guard_free(struct guard **guard)
{
	free(*guard);
	*guard = NULL;
}

static int find(const struct guard *guard, const char *address)
{
	for (int i = 0; i < ADDRESSES; i++)
		if (strcmp(guard->from[i].address, address) == 0)
			return i;
	return -1;
}

static bool was_good(const struct guard *guard, const unsigned char hash[GUARD_HASH], uint64_t now_ms)
{
	for (int i = 0; i < GOOD; i++)
		if (guard->good[i].until_ms > now_ms && memcmp(guard->good[i].hash, hash, GUARD_HASH) == 0)
			return true;
	return false;
}

/* A bucket of BURST drops that leaks one each REFILL_MS, kept as the time at which it is empty. */
unsigned guard_wait(struct guard *guard, const char *address, const unsigned char hash[GUARD_HASH], uint64_t now_ms)
{
	int i = find(guard, address);
	uint64_t full = now_ms + (BURST - 1) * REFILL_MS;

	if (i < 0 || guard->from[i].full_ms <= full || was_good(guard, hash, now_ms))
		return 0;
	return (unsigned)((guard->from[i].full_ms - full + 999) / 1000);
}

/* Where all are taken, the one that has least to wait gives way. */
void guard_failed(struct guard *guard, const char *address, uint64_t now_ms)
{
	int i = find(guard, address);

	if (i < 0) {
		i = 0;
		for (int k = 1; k < ADDRESSES; k++)
			if (guard->from[k].full_ms < guard->from[i].full_ms)
				i = k;
		snprintf(guard->from[i].address, ADDRESS_LEN, "%s", address);
		guard->from[i].full_ms = 0;
	}
	if (guard->from[i].full_ms < now_ms)
		guard->from[i].full_ms = now_ms;
	guard->from[i].full_ms += REFILL_MS;
}

void guard_passed(struct guard *guard, const unsigned char hash[GUARD_HASH], uint64_t now_ms)
{
	for (int i = 0; i < GOOD; i++)
		if (guard->good[i].until_ms && memcmp(guard->good[i].hash, hash, GUARD_HASH) == 0) {
			guard->good[i].until_ms = now_ms + GOOD_MS;
			return;
		}
	memcpy(guard->good[guard->next_good].hash, hash, GUARD_HASH);
	guard->good[guard->next_good].until_ms = now_ms + GOOD_MS;
	guard->next_good = (guard->next_good + 1) % GOOD;
}
