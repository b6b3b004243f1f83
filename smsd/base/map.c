/* map - see map.h.  Deletion shifts back what follows, so that there are no
 * tombstones and a table that lives for months does not slow down. */
#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"

struct slot {
	struct str key;
	uint64_t hash;
	void *value;		/* NULL: free */
};

struct map {
	struct slot *slot;
	size_t size, count;	/* size is a power of two */
};

enum { SIZE_MIN = 16 };

uint64_t map_hash(struct str key)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ key.len;
	const char *p = key.ptr;
	size_t n = key.len;

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		h = (h ^ w) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	if (n) {
		uint64_t w = 0;

		memcpy(&w, p, n);
		h = (h ^ w) * 0xff51afd7ed558ccdu;
	}
	h ^= h >> 29;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 32;
}

struct map *map_new(void)
{
	struct map *map = mem_alloc(sizeof(*map));

	map->size = SIZE_MIN;
	map->slot = mem_alloc(map->size * sizeof(*map->slot));
	return map;
}

void map_free(struct map **map)
{
	if (!*map)
		return;
	free((*map)->slot);
	free(*map);
	*map = NULL;
}

static struct slot *find(const struct map *map, struct str key, uint64_t hash)
{
	size_t i = hash & (map->size - 1);

	while (map->slot[i].value &&
	       !(map->slot[i].hash == hash && str_eq(map->slot[i].key, key)))
		i = (i + 1) & (map->size - 1);
	return &map->slot[i];
}

void *map_get(const struct map *map, struct str key)
{
	return find(map, key, map_hash(key))->value;
}

static void grow(struct map *map)
{
	struct slot *old = map->slot;
	size_t old_size = map->size;

	map->size *= 2;
	map->slot = mem_alloc(map->size * sizeof(*map->slot));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].value)
			*find(map, old[i].key, old[i].hash) = old[i];
	free(old);
}

void *map_put(struct map *map, struct str key, void *value)
{
	uint64_t hash = map_hash(key);
	struct slot *s = find(map, key, hash);
	void *before = s->value;

	if (!before && ++map->count * 4 > map->size * 3) {
		grow(map);
		s = find(map, key, hash);
	}
	*s = (struct slot){ key, hash, value };
	return before;
}

void *map_del(struct map *map, struct str key)
{
	struct slot *s = find(map, key, map_hash(key));
	void *before = s->value;

	if (!before)
		return NULL;
	map->count--;
	size_t hole = s - map->slot, mask = map->size - 1;
	for (size_t i = (hole + 1) & mask; map->slot[i].value; i = (i + 1) & mask) {
		size_t home = map->slot[i].hash & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			map->slot[hole] = map->slot[i];
			hole = i;
		}
	}
	map->slot[hole] = (struct slot){ 0 };
	return before;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

void map_clear(struct map *map)
{
	if (map->count)
		memset(map->slot, 0, map->size * sizeof(*map->slot));
	map->count = 0;
}

void *map_next(const struct map *map, size_t *cursor, struct str *key_r)
{
	while (*cursor < map->size) {
		const struct slot *s = &map->slot[(*cursor)++];

		if (s->value) {
			if (key_r)
				*key_r = s->key;
			return s->value;
		}
	}
	return NULL;
}

uint64_t map_draw(struct str a, struct str b)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < a.len; i++)
		h = (h ^ (unsigned char)a.ptr[i]) * 1099511628211u;
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.ptr[i]) * 1099511628211u;
	return h ^ h >> 29;
}
