/* glyph - see glyph.h. */
#include "text/glyph.h"

#include "text/utf8.h"

enum { ESC = 0x1B, UNDEFINED = 0xFFFF };

/* 3GPP TS 23.038 6.2.1: code point of each septet. */
static const unsigned short basic[128] = {
	/* 00 */ 0x0040, 0x00A3, 0x0024, 0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC,
	/* 08 */ 0x00F2, 0x00C7, 0x000A, 0x00D8, 0x00F8, 0x000D, 0x00C5, 0x00E5,
	/* 10 */ 0x0394, 0x005F, 0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8,
	/* 18 */ 0x03A3, 0x0398, 0x039E, UNDEFINED, 0x00C6, 0x00E6, 0x00DF, 0x00C9,
	/* 20 */ ' ', '!', '"', '#', 0x00A4, '%', '&', '\'',
	/* 28 */ '(', ')', '*', '+', ',', '-', '.', '/',
	/* 30 */ '0', '1', '2', '3', '4', '5', '6', '7',
	/* 38 */ '8', '9', ':', ';', '<', '=', '>', '?',
	/* 40 */ 0x00A1, 'A', 'B', 'C', 'D', 'E', 'F', 'G',
	/* 48 */ 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	/* 50 */ 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W',
	/* 58 */ 'X', 'Y', 'Z', 0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7,
	/* 60 */ 0x00BF, 'a', 'b', 'c', 'd', 'e', 'f', 'g',
	/* 68 */ 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	/* 70 */ 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
	/* 78 */ 'x', 'y', 'z', 0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0,
};

/* 3GPP TS 23.038 6.2.1.1: what follows ESC. */
static const struct { unsigned char septet; unsigned short codepoint; } extended_set[] = {
	{ 0x0A, 0x000C }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2F, '\\' },
	{ 0x3C, '[' }, { 0x3D, '~' }, { 0x3E, ']' }, { 0x40, '|' }, { 0x65, 0x20AC },
};

enum {
	EXTENDED = sizeof(extended_set) / sizeof(*extended_set),
	BASIC_HIGHEST = 0x03A9,
	EURO = 0x20AC,
};

int glyph_gsm7(unsigned codepoint)
{
	if (codepoint < 128 && basic[codepoint] == codepoint)
		return (int)codepoint;
	if (codepoint > BASIC_HIGHEST && codepoint != EURO)
		return -1;
	for (int i = 0; i < 128; i++)
		if (basic[i] == codepoint)
			return i;
	for (int i = 0; i < EXTENDED; i++)
		if (extended_set[i].codepoint == codepoint)
			return ESC << 8 | extended_set[i].septet;
	return -1;
}

int glyph_from_gsm7(unsigned septet, bool extended)
{
	if (!extended)
		return septet < 128 && basic[septet] != UNDEFINED ? basic[septet] : -1;
	for (int i = 0; i < EXTENDED; i++)
		if (extended_set[i].septet == septet)
			return extended_set[i].codepoint;
	return -1;
}

struct glyph glyph_first(struct str text, enum coding coding)
{
	struct glyph glyph = { 0, 0 };

	if (!text.len)
		return glyph;
	unsigned c = utf8_decode(text, &glyph.bytes);
	if (coding == CODING_UCS2) {
		glyph.units = c > 0xFFFF ? 2 : 1;
	} else {
		int septets = glyph_gsm7(c);

		glyph.units = septets < 0 ? 0 : septets > 0x7F ? 2 : 1;
	}
	return glyph;
}

enum coding glyph_coding(struct str text)
{
	while (text.len) {
		struct glyph glyph = glyph_first(text, CODING_GSM7);

		if (!glyph.units)
			return CODING_UCS2;
		str_skip(&text, glyph.bytes);
	}
	return CODING_GSM7;
}
