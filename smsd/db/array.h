/* array - one-dimensional PostgreSQL arrays in binary, built element by element
 * (layout: src/include/utils/array.h, array_recv). */
#pragma once
#include <stdint.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "db/db.h"

enum array_type { ARRAY_BOOL = 16, ARRAY_BYTEA = 17, ARRAY_INT2 = 21, ARRAY_TEXT = 25, ARRAY_TIMESTAMPTZ = 1184, ARRAY_UUID = 2950 };

struct array {
	struct buf buf;
	uint32_t count;
};

/* Empties it for elements of this type; the memory is kept. */
void array_begin(struct array *array, enum array_type type);
void array_text(struct array *array, struct str s);		/* ptr NULL: SQL's NULL */
void array_uuid(struct array *array, const struct uuid *uuid);
void array_time(struct array *array, int64_t unix_us);
void array_int2(struct array *array, int value);
void array_bool(struct array *array, bool value);
void array_param(struct array *array, struct db_params *params);	/* borrowed by params */
void array_free(struct array *array);

/* Binary scalars, 8, 4 or 2 octets into out. */
void bin_time(char out[8], int64_t unix_us);
void bin_int8(char out[8], int64_t value);
