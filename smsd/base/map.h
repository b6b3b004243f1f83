/* map - a hash table from byte strings to pointers (open addressing).
 * Keys are borrowed: their bytes must outlive the entry. */
#pragma once
#include <stdint.h>

#include "base/str.h"

struct map;
struct map *map_new(void);
void map_free(struct map **map);		/* the values stay the caller's */
void *map_get(const struct map *map, struct str key);	/* NULL when absent */
void *map_put(struct map *map, struct str key, void *value);	/* value not NULL; returns the one before, or NULL */
void *map_del(struct map *map, struct str key);	/* returns what was there, or NULL */
size_t map_count(const struct map *map);
void map_clear(struct map *map);		/* keeps the memory */

/* Walks in no order; start with *cursor = 0; NULL at the end.  No change
 * to the map is allowed meanwhile. */
void *map_next(const struct map *map, size_t *cursor, struct str *key_r);

uint64_t map_hash(struct str key);

/* Of two texts: the same on each machine and for ever.  For who belongs to a share. */
uint64_t map_draw(struct str a, struct str b);
