/* glyph - one character as phones count it (3GPP TS 23.038 6.2.1, with the
 * extension table; UCS-2 as UTF-16).  Pure. */
#pragma once
#include "base/str.h"

enum coding { CODING_GSM7, CODING_UCS2 };

struct glyph {
	unsigned bytes;		/* of UTF-8 it takes */
	unsigned units;		/* septets (2 from the extension table) or UTF-16 units (2 above U+FFFF) */
};

/* The first character of well-formed UTF-8; units 0 when the coding cannot carry it.  {0,0} at the end. */
struct glyph glyph_first(struct str text, enum coding coding);

/* GSM-7 when every character of the text is in its default alphabet or extension table, else UCS-2. */
enum coding glyph_coding(struct str text);

/* Septet(s) of a code point: -1 when it has none; 0x1B00 | code in the extension table. */
int glyph_gsm7(unsigned codepoint);
/* Code point of a septet; extended tells that ESC came before it; -1 when undefined. */
int glyph_from_gsm7(unsigned septet, bool extended);
