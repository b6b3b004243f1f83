/* segment - see segment.h. */
#include "text/segment.h"

/* In septets or UTF-16 units; a joined part loses six octets to its header. */
static const struct { unsigned alone, joined; } room[] = {
	[CODING_GSM7] = { 160, 153 },
	[CODING_UCS2] = { 70, 67 },
};

/* As many whole characters as fit: phones show the halves as rubbish. */
static struct str take_part(struct str *rest, enum coding coding, unsigned size, unsigned *spare_r)
{
	struct str part = { .ptr = rest->ptr };

	while (rest->len > 0) {
		struct glyph glyph = glyph_first(*rest, coding);

		if (glyph.units > size)
			break;
		size -= glyph.units;
		part.len += glyph.bytes;
		str_skip(rest, glyph.bytes);
	}
	*spare_r = size;
	return part;
}

/* Cuts into part (NULL: only counts), and returns at most max + 1. */
static unsigned cut(struct str text, enum coding coding, unsigned max, struct str *part,
		    unsigned *spare_r)
{
	struct str rest = text;
	struct str first = take_part(&rest, coding, room[coding].alone, spare_r);
	unsigned n = 0;

	if (!rest.len) {
		if (part && first.len && max)
			*part = first;
		return first.len > 0;
	}
	for (rest = text; rest.len && n <= max; n++) {
		struct str next = take_part(&rest, coding, room[coding].joined, spare_r);

		if (part && n < max)
			part[n] = next;
	}
	return n;
}

int segment_text(struct str text, unsigned max, struct segments *out_r, struct err *err)
{
	if (max > SEGMENT_MAX)
		max = SEGMENT_MAX;
	out_r->coding = glyph_coding(text);
	out_r->count = cut(text, out_r->coding, max, out_r->part, &out_r->spare);
	if (out_r->count <= max)
		return 0;
	out_r->count = 0;
	out_r->spare = 0;
	return err_set(err, ERR_LIMIT, "the text of %zu bytes needs more than %u SMS: shorten it",
		       text.len, max);
}

unsigned segment_count(struct str text)
{
	unsigned spare;

	return cut(text, glyph_coding(text), SEGMENT_MAX, NULL, &spare);
}
