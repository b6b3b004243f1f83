/* array - see array.h. */
#include "db/array.h"

#include <arpa/inet.h>
#include <endian.h>

/* PostgreSQL counts from 2000-01-01. */
static const int64_t EPOCH_US = 946684800LL * 1000000;

static void put32(struct buf *buf, uint32_t v)
{
	v = htonl(v);
	buf_add(buf, &v, 4);
}

void array_begin(struct array *array, enum array_type type)
{
	array->buf.len = 0;
	array->count = 0;
	put32(&array->buf, 1);		/* dimensions */
	put32(&array->buf, 1);		/* may hold NULLs */
	put32(&array->buf, type);
	put32(&array->buf, 0);		/* elements, filled in at the end */
	put32(&array->buf, 1);		/* lower bound */
}

static void element(struct array *array, const void *bytes, uint32_t n)
{
	put32(&array->buf, n);
	buf_add(&array->buf, bytes, n);
	array->count++;
}

void array_text(struct array *array, struct str s)
{
	if (s.ptr) {
		element(array, s.ptr, s.len);
		return;
	}
	put32(&array->buf, UINT32_MAX);
	array->count++;
}

void array_uuid(struct array *array, const struct uuid *uuid)
{
	element(array, uuid->octet, 16);
}

void bin_int8(char out[8], int64_t value)
{
	uint64_t v = htobe64(value);

	memcpy(out, &v, 8);
}

void bin_time(char out[8], int64_t unix_us)
{
	bin_int8(out, unix_us - EPOCH_US);
}

void array_time(struct array *array, int64_t unix_us)
{
	char v[8];

	bin_time(v, unix_us);
	element(array, v, 8);
}

void array_int2(struct array *array, int value)
{
	uint16_t v = htons(value);

	element(array, &v, 2);
}

void array_bool(struct array *array, bool value)
{
	element(array, value ? "\1" : "\0", 1);
}

void array_param(struct array *array, struct db_params *params)
{
	uint32_t n = htonl(array->count);

	memcpy(array->buf.ptr + 12, &n, 4);
	db_param_bytes(params, array->buf.ptr, array->buf.len);
}

void array_free(struct array *array)
{
	buf_free(&array->buf);
}
