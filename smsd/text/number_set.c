/* number_set - see number_set.h.  Open addressing; grows at three quarters. */
#include "text/number_set.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

struct slot {
	uint64_t key;		/* 0: free */
	uint32_t line;
};

struct number_set {
	struct slot *slot;
	size_t size, used;	/* size: a power of two */
};

struct number_set *number_set_new(void)
{
	struct number_set *set = mem_alloc(sizeof(*set));

	set->size = 1024;
	set->slot = mem_alloc(set->size * sizeof(*set->slot));
	return set;
}

void number_set_free(struct number_set **set)
{
	if (*set)
		free((*set)->slot);
	free(*set);
	*set = NULL;
}

/* Fifteen digits take 50 bits; no number is 0. */
static uint64_t key_of(const struct msisdn *msisdn)
{
	const char *p = msisdn->text + (*msisdn->text == '+');

	return strtoull(p, NULL, 10) << 1 | (*msisdn->text == '+');
}

static struct slot *find(const struct number_set *set, uint64_t key)
{
	size_t i = key * 0x9E3779B97F4A7C15u >> 20;

	for (;; i++) {
		struct slot *slot = &set->slot[i & (set->size - 1)];

		if (slot->key == key || !slot->key)
			return slot;
	}
}

static void grow(struct number_set *set)
{
	struct number_set larger = { .size = set->size * 2, .used = set->used };

	larger.slot = mem_alloc(larger.size * sizeof(*larger.slot));
	for (size_t i = 0; i < set->size; i++)
		if (set->slot[i].key)
			*find(&larger, set->slot[i].key) = set->slot[i];
	free(set->slot);
	*set = larger;
}

unsigned number_set_put(struct number_set *set, const struct msisdn *msisdn, unsigned line)
{
	uint64_t key = key_of(msisdn);
	struct slot *slot = find(set, key);

	if (slot->key)
		return slot->line;
	*slot = (struct slot){ key, line };
	if (++set->used * 4 > set->size * 3)
		grow(set);
	return 0;
}
