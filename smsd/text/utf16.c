/* utf16 - see utf16.h. */
#include "text/utf16.h"

#include "text/utf8.h"

static unsigned unit_at(struct str octets, size_t i)
{
	const unsigned char *p = (const unsigned char *)octets.ptr + i;

	return (unsigned)p[0] << 8 | p[1];
}

/* One code point, and how many octets it took. */
static unsigned next(struct str octets, size_t i, unsigned *took_r)
{
	*took_r = 1;
	if (octets.len - i < 2)
		return UTF8_BAD;
	*took_r = 2;
	unsigned high = unit_at(octets, i);
	if (high < 0xD800 || high > 0xDFFF)
		return high;
	if (high > 0xDBFF || octets.len - i < 4)
		return UTF8_BAD;
	unsigned low = unit_at(octets, i + 2);
	if (low < 0xDC00 || low > 0xDFFF)
		return UTF8_BAD;
	*took_r = 4;
	return 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00));
}

struct str utf16_to_utf8(struct arena *arena, struct str octets)
{
	/* 3 bytes for each unit are enough: a pair of units becomes 4 */
	char *out = arena_alloc(arena, (octets.len + 1) / 2 * 3 + 1);
	size_t n = 0;
	unsigned took;

	for (size_t i = 0; i < octets.len; i += took)
		n += utf8_encode(out + n, next(octets, i, &took));
	return str_n(out, n);
}

static char *put(char *p, unsigned unit)
{
	*p++ = (char)(unit >> 8);
	*p++ = (char)unit;
	return p;
}

struct str utf16_from_utf8(struct arena *arena, struct str text)
{
	/* no character takes more than twice its bytes */
	char *out = arena_alloc(arena, 2 * text.len + 1), *p = out;
	unsigned bytes;

	for (; text.len; str_skip(&text, bytes)) {
		unsigned c = utf8_decode(text, &bytes);

		if (c < 0x10000) {
			p = put(p, c);
		} else {
			p = put(p, 0xD800 + ((c - 0x10000) >> 10));
			p = put(p, 0xDC00 + (c & 0x3FF));
		}
	}
	return str_n(out, p - out);
}
