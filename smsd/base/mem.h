/* mem - memory: allocation that cannot return NULL, arenas for what lives as
 * long as one message, batch or table version, and growing buffers.
 * Running out of memory ends the process: the gateway keeps what we had not
 * acknowledged, so dying is the safe answer. */
#pragma once
#include "base/err.h"
#include "base/str.h"

void *mem_alloc(size_t size);			/* zeroed */
void *mem_grow(void *old, size_t size);		/* as realloc; the new part is not zeroed */
char *mem_dup(struct str s);			/* a NUL-terminated copy, to be freed */

/* Everything taken from an arena is freed at once, with it. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena **arena);
void arena_reset(struct arena *arena);		/* keeps the memory for the next use */
void *arena_alloc(struct arena *arena, size_t size);	/* zeroed, aligned for anything */
struct str arena_str(struct arena *arena, struct str s);	/* a copy, NUL-terminated; NULL stays NULL */
char *arena_z(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
size_t arena_size(const struct arena *arena);	/* bytes handed out since the last reset */

/* A buffer: 0 .. len is filled.  Start with all zero; the bytes move when it grows. */
struct buf {
	char *ptr;
	size_t len, cap;
};

void buf_free(struct buf *buf);
void buf_room(struct buf *buf, size_t more);	/* makes cap - len at least more */
void buf_add(struct buf *buf, const void *bytes, size_t n);
void buf_str(struct buf *buf, struct str s);
void buf_z(struct buf *buf, const char *z);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
char *buf_cstr(struct buf *buf);		/* NUL-terminated, valid until the next change */
static inline struct str buf_get(const struct buf *buf)
{
	return (struct str){ buf->ptr ? buf->ptr : "", buf->len };
}
