/* utf8 - one character of UTF-8 (RFC 3629), for the modules of this folder.
 * Pure.  Never reads past the text, whatever its bytes are. */
#pragma once
#include "base/str.h"

enum { UTF8_MAX = 4, UTF8_BAD = 0xFFFD };

/* The first character of a text that is not empty, and the bytes it takes.  Whether
 * the text is well-formed was asked at the door: of what is not, it makes UTF8_BAD
 * or some other character. */
static inline unsigned utf8_decode(struct str text, unsigned *bytes_r)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	unsigned lead = *p;
	unsigned n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

	if (n == 1 || n > text.len || lead < 0xC2 || lead > 0xF4) {
		*bytes_r = 1;
		return lead < 0x80 ? lead : UTF8_BAD;
	}
	unsigned c = lead & (0x7F >> n);
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3F);
	*bytes_r = n;
	return c <= 0x10FFFF ? c : UTF8_BAD;
}

static inline unsigned utf8_size(unsigned c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* Writes the 1 to UTF8_MAX bytes of a code point, and says how many. */
static inline unsigned utf8_encode(char *out, unsigned c)
{
	unsigned n = utf8_size(c);

	if (n == 1) {
		*out = (char)c;
		return 1;
	}
	for (unsigned i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	*out = (char)((0xF00 >> n & 0xFF) | c);
	return n;
}
