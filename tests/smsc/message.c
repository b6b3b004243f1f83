/* message - see message.h. */
#include "message.h"

#include <stdlib.h>
#include <time.h>

#include "base/map.h"
#include "text/glyph.h"
#include "text/segment.h"
#include "text/utf16.h"
#include "text/utf8.h"

enum { UDH_JOINED = 6, INCOMPLETE_S = 600 };

const char *message_coding_name(enum message_coding coding)
{
	static const char *const name[] = { "gsm7", "ucs2", "latin1", "octets" };

	return name[coding];
}

/* RFC 3629: what decodes and encodes to the same octets, surrogates excepted. */
static bool well_formed(struct str text)
{
	char again[UTF8_MAX];
	unsigned n;

	for (; text.len; str_skip(&text, n)) {
		unsigned code = utf8_decode(text, &n);

		if (utf8_encode(again, code) != n || memcmp(again, text.ptr, n) != 0 ||
		    (code >= 0xd800 && code < 0xe000))
			return false;
	}
	return true;
}

static void add_utf8(struct buf *out, unsigned code)
{
	buf_room(out, UTF8_MAX);
	out->len += utf8_encode(out->ptr + out->len, code);
}

/* One septet an octet, 0x1B before those of the extension table. */
static void add_gsm7(struct buf *out, struct str text)
{
	unsigned n;

	for (; text.len; str_skip(&text, n)) {
		int septet = glyph_gsm7(utf8_decode(text, &n));

		if (septet > 0xff)
			buf_char(out, 0x1b);
		buf_char(out, septet);
	}
}

static struct message_part part_of(struct arena *arena, struct str text, enum coding coding,
				   struct str udh)
{
	struct message_part part = { .esm_class = udh.len ? SMPP_UDHI : 0 };
	struct buf octets = { 0 };

	buf_str(&octets, udh);
	if (coding == CODING_GSM7) {
		part.coding = SMPP_DC_GSM7;
		add_gsm7(&octets, text);
	} else {
		part.coding = SMPP_DC_UCS2;
		buf_str(&octets, utf16_from_utf8(arena, text));
	}
	part.payload = arena_str(arena, buf_get(&octets));
	buf_free(&octets);
	return part;
}

int message_cut(struct arena *arena, struct str text, uint8_t ref,
		struct message_part **parts_r, unsigned *count_r, struct err *err)
{
	struct segments *cut = arena_alloc(arena, sizeof(*cut));

	if (!well_formed(text))
		return err_set(err, ERR_INPUT, "the text is not UTF-8");
	if (segment_text(text, SEGMENT_MAX, cut, err) < 0)
		return -1;
	if (!cut->count) {
		cut->part[0] = text;
		cut->count = 1;
	}
	*count_r = cut->count;
	*parts_r = arena_alloc(arena, cut->count * sizeof(**parts_r));
	for (unsigned i = 0; i < cut->count; i++) {
		const char udh[UDH_JOINED] = { 5, 0, 3, ref, cut->count, i + 1 };

		(*parts_r)[i] = part_of(arena, cut->part[i], cut->coding,
					str_n(udh, cut->count > 1 ? UDH_JOINED : 0));
	}
	return 0;
}

struct message_place message_place(const struct smpp_sm *sm)
{
	struct message_place place = { .total = 1, .n = 1 };
	const uint8_t *p = (const uint8_t *)sm->payload.ptr;

	if (!(sm->esm_class & SMPP_UDHI) || !sm->payload.len || p[0] >= sm->payload.len)
		return place;
	place.udh = p[0] + 1;
	for (unsigned at = 1; at + 2 <= place.udh && at + 2 + p[at + 1] <= place.udh;
	     at += 2 + p[at + 1]) {
		const uint8_t *value = p + at + 2;

		if (p[at] == 0x00 && p[at + 1] == 3)
			place = (struct message_place){ value[0], value[1], value[2], place.udh };
		else if (p[at] == 0x08 && p[at + 1] == 4)
			place = (struct message_place){ value[0] << 8 | value[1], value[2],
							value[3], place.udh };
	}
	if (!place.n || place.n > place.total) {	/* to be ignored (9.2.3.24.1) */
		place.total = 1;
		place.n = 1;
	}
	return place;
}

static enum message_coding coding_of(uint8_t dcs)
{
	if (dcs == SMPP_DC_LATIN1)
		return MESSAGE_LATIN1;
	if (dcs == SMPP_DC_GSM7 || dcs == SMPP_DC_ASCII || (dcs & 0xf4) == 0xf0)
		return MESSAGE_GSM7;
	if (dcs == SMPP_DC_UCS2 || (dcs & 0xec) == 0x08)	/* with a message class: 0x18 */
		return MESSAGE_UCS2;
	return MESSAGE_OCTETS;
}

static void from_gsm7(struct buf *out, struct str octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		uint8_t septet = octets.ptr[i];
		bool extended = septet == 0x1b && i + 1 < octets.len;
		int code;

		if (extended)
			septet = octets.ptr[++i];
		code = septet < 0x80 ? glyph_from_gsm7(septet, extended) : -1;
		add_utf8(out, code < 0 ? UTF8_BAD : (unsigned)code);
	}
}

static struct str decode(struct arena *arena, enum message_coding coding, struct str octets)
{
	struct buf out = { 0 };
	struct str text;

	if (coding == MESSAGE_UCS2)
		return utf16_to_utf8(arena, octets);
	if (coding == MESSAGE_GSM7)
		from_gsm7(&out, octets);
	for (size_t i = 0; coding == MESSAGE_LATIN1 && i < octets.len; i++)
		add_utf8(&out, (uint8_t)octets.ptr[i]);
	for (size_t i = 0; coding == MESSAGE_OCTETS && i < octets.len; i++)
		buf_printf(&out, "%02x", (uint8_t)octets.ptr[i]);
	text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

/* One message of which not all parts came yet. */
struct partial {
	struct partial *newer;
	struct str key;
	time_t since;
	unsigned total, have;
	struct str part[];		/* owned; NULL: not here yet */
};

struct message_joiner {
	struct map *partials;
	struct partial *oldest, **newest;	/* by age: some never get complete */
	struct buf key, octets;
};

struct message_joiner *message_joiner_new(void)
{
	struct message_joiner *joiner = mem_alloc(sizeof(*joiner));

	joiner->partials = map_new();
	joiner->newest = &joiner->oldest;
	return joiner;
}

static void partial_free(struct message_joiner *joiner, struct partial *partial)
{
	struct partial **at = &joiner->oldest;

	while (*at != partial)
		at = &(*at)->newer;
	*at = partial->newer;
	if (!partial->newer)
		joiner->newest = at;
	map_del(joiner->partials, partial->key);
	for (unsigned i = 0; i < partial->total; i++)
		free((char *)partial->part[i].ptr);
	free((char *)partial->key.ptr);
	free(partial);
}

void message_joiner_clear(struct message_joiner *joiner)
{
	while (joiner->oldest)
		partial_free(joiner, joiner->oldest);
}

void message_joiner_free(struct message_joiner **joiner)
{
	if (!*joiner)
		return;
	message_joiner_clear(*joiner);
	map_free(&(*joiner)->partials);
	buf_free(&(*joiner)->key);
	buf_free(&(*joiner)->octets);
	free(*joiner);
	*joiner = NULL;
}

size_t message_joiner_waiting(const struct message_joiner *joiner)
{
	return map_count(joiner->partials);
}

static struct partial *partial_of(struct message_joiner *joiner, const struct message *message,
				  const struct message_place *place)
{
	time_t now = time(NULL);

	joiner->key.len = 0;
	buf_printf(&joiner->key, "%s %s %u %u", message->from, message->to, place->ref,
		   place->total);
	struct partial *partial = map_get(joiner->partials, buf_get(&joiner->key));
	if (partial)
		return partial;
	while (joiner->oldest && now - joiner->oldest->since > INCOMPLETE_S)
		partial_free(joiner, joiner->oldest);
	partial = mem_alloc(sizeof(*partial) + place->total * sizeof(partial->part[0]));
	partial->key = str_n(mem_dup(buf_get(&joiner->key)), joiner->key.len);
	partial->since = now;
	partial->total = place->total;
	*joiner->newest = partial;
	joiner->newest = &partial->newer;
	map_put(joiner->partials, partial->key, partial);
	return partial;
}

bool message_join(struct message_joiner *joiner, struct arena *arena, const struct smpp_sm *sm,
		  struct message *out_r)
{
	struct message_place place = message_place(sm);
	struct str data = sm->payload;

	str_skip(&data, place.udh);
	smpp_addr_text(&sm->to, out_r->to);
	smpp_addr_text(&sm->from, out_r->from);
	out_r->segments = place.total;
	out_r->coding = coding_of(sm->coding);
	if (place.total == 1) {
		out_r->text = decode(arena, out_r->coding, data);
		return true;
	}
	struct partial *partial = partial_of(joiner, out_r, &place);
	struct str *part = &partial->part[place.n - 1];
	if (part->ptr)
		free((char *)part->ptr);	/* sent again: the same part */
	else
		partial->have++;
	*part = str_n(mem_dup(data), data.len);
	if (partial->have < partial->total)
		return false;
	/* before decoding: a sender may have cut inside an escape or a surrogate pair */
	joiner->octets.len = 0;
	for (unsigned i = 0; i < partial->total; i++)
		buf_str(&joiner->octets, partial->part[i]);
	out_r->text = decode(arena, out_r->coding, buf_get(&joiner->octets));
	partial_free(joiner, partial);
	return true;
}
