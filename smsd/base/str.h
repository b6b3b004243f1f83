/* str - a borrowed run of bytes: never owns, never ends in a promised NUL.
 * Whoever hands one out says how long the bytes live. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *ptr;	/* NULL means "no value", which differs from empty */
	size_t len;		/* in bytes */
};

#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")	/* for %.*s */

static inline struct str str_z(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

static inline struct str str_n(const char *ptr, size_t len)
{
	return (struct str){ ptr, len };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_eqz(struct str a, const char *z)
{
	return str_eq(a, str_z(z));
}

static inline bool str_starts(struct str s, struct str with)
{
	return s.len >= with.len && (with.len == 0 || memcmp(s.ptr, with.ptr, with.len) == 0);
}

static inline bool str_ends(struct str s, struct str with)
{
	return s.len >= with.len &&
	       (with.len == 0 || memcmp(s.ptr + s.len - with.len, with.ptr, with.len) == 0);
}

static inline void str_skip(struct str *s, size_t n)
{
	s->ptr += n;
	s->len -= n;
}

/* Orders by bytes, the shorter first where one begins the other. */
int str_cmp(struct str a, struct str b);

/* Without the spaces and tabs at both ends. */
struct str str_trim(struct str s);

/* Whether all bytes are ASCII digits; false when empty. */
bool str_digits(struct str s);

/* In edits (insert, delete, replace) of bytes, for "did you mean"; above
 * limit it only says limit + 1.  At most 64 bytes are compared. */
unsigned str_distance(struct str a, struct str b, unsigned limit);
