/* segment - how many SMS a text becomes, and what room the last one has
 * (3GPP TS 23.040 9.2.3.24.1, 23.038).  bearerbox does the cutting; the same
 * rules are used here, so that tips and bills agree with it.  Pure. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include "text/glyph.h"

enum { SEGMENT_MAX = 255 };	/* the part count is one octet on the wire */

struct segments {
	enum coding coding;
	unsigned count;
	unsigned spare;		/* units that still fit before one more segment is needed */
	struct str part[SEGMENT_MAX];	/* parts point into the given text */
};

/* An empty text gives no parts.  Never cuts inside a character or an escape pair.
 * Fails with ERR_LIMIT, and count 0, if more than max parts (at most
 * SEGMENT_MAX) would be needed. */
MUST_CHECK int segment_text(struct str text, unsigned max, struct segments *out_r, struct err *err);

/* Only the count; SEGMENT_MAX + 1 when it is more than that. */
unsigned segment_count(struct str text);
