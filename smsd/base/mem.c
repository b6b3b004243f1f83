/* mem - see mem.h. */
#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void *must(void *p)
{
	if (!p) {
		fputs("<2>out of memory\n", stderr);
		abort();
	}
	return p;
}

void *mem_alloc(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

void *mem_grow(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *mem_dup(struct str s)
{
	char *copy = mem_alloc(s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

/* Chunks in a list, the newest first; a reset keeps the first chunk. */
struct chunk {
	struct chunk *older;
	size_t size, used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *chunk;
	size_t handed_out;
};

enum { CHUNK_SIZE = 16384 - sizeof(struct chunk) };

struct arena *arena_new(void)
{
	return mem_alloc(sizeof(struct arena));
}

void arena_free(struct arena **arena)
{
	if (!*arena)
		return;
	for (struct chunk *c = (*arena)->chunk, *older; c; c = older) {
		older = c->older;
		free(c);
	}
	free(*arena);
	*arena = NULL;
}

void arena_reset(struct arena *arena)
{
	struct chunk *c = arena->chunk;

	while (c && c->older) {
		struct chunk *older = c->older;

		free(c);
		c = older;
	}
	arena->chunk = c;
	arena->handed_out = 0;
	if (c)
		c->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);

	size = (size + align - 1) & ~(align - 1);
	if (!arena->chunk || arena->chunk->size - arena->chunk->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		struct chunk *c = must(malloc(sizeof(*c) + room));

		*c = (struct chunk){ .older = arena->chunk, .size = room };
		arena->chunk = c;
	}
	void *p = arena->chunk->data + arena->chunk->used;
	arena->chunk->used += size;
	arena->handed_out += size;
	return memset(p, 0, size);
}

struct str arena_str(struct arena *arena, struct str s)
{
	if (!s.ptr)
		return s;
	return (struct str){ arena_z(arena, s), s.len };
}

char *arena_z(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	char *text = arena_alloc(arena, n + 1);
	va_start(ap, format);
	vsnprintf(text, n + 1, format, ap);
	va_end(ap);
	return str_n(text, n);
}

size_t arena_size(const struct arena *arena)
{
	return arena->handed_out;
}

void buf_free(struct buf *buf)
{
	free(buf->ptr);
	*buf = (struct buf){ 0 };
}

void buf_room(struct buf *buf, size_t more)
{
	size_t want = buf->len + more;

	if (want <= buf->cap)
		return;
	if (want < 2 * buf->cap)
		want = 2 * buf->cap;
	if (want < 256)
		want = 256;
	buf->ptr = mem_grow(buf->ptr, want);
	buf->cap = want;
}

void buf_add(struct buf *buf, const void *bytes, size_t n)
{
	if (!n)
		return;
	buf_room(buf, n);
	memcpy(buf->ptr + buf->len, bytes, n);
	buf->len += n;
}

void buf_str(struct buf *buf, struct str s)
{
	buf_add(buf, s.ptr, s.len);
}

void buf_z(struct buf *buf, const char *z)
{
	buf_add(buf, z, strlen(z));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	buf_room(buf, n + 1);
	va_start(ap, format);
	vsnprintf(buf->ptr + buf->len, n + 1, format, ap);
	va_end(ap);
	buf->len += n;
}

char *buf_cstr(struct buf *buf)
{
	buf_room(buf, 1);
	buf->ptr[buf->len] = '\0';
	return buf->ptr;
}
