/* fold - see fold.h.
 *
 * What becomes of a code point is looked up in a table that fold_init() fills by
 * asking utf8proc and OpenCC once for each.  Only a text in which a character
 * could join the one before it (accents, Hangul jamo) is normalized as a whole. */
#include "text/fold.h"

#include <assert.h>
#include <opencc/opencc.h>
#include <stdint.h>
#include <utf8proc.h>

#include "text/utf8.h"

enum {
	TABLE_SIZE = 0x30000,	/* above it only Han extensions and tags stand */
	HAN_FIRST = 0x3400,
	HAN_LAST = 0x9FFF,
	LONGEST = 32,		/* code points that one becomes; Unicode's longest are 18 */
	POOL_SIZE = 16384,
};

/* Verdicts beside "becomes this code point"; from POOLED on, where its several begin. */
enum { BLANK = 0x110000, SEPARATOR, ASKS, DROPPED, JOINS, POOLED };

static uint32_t table[TABLE_SIZE];
static uint32_t pool[POOL_SIZE];	/* each: how many follow, and those */
static unsigned pool_used;
static bool ready;

static uint32_t verdict(unsigned c)
{
	if (c < TABLE_SIZE)
		return table[c];
	return c >= 0xE0000 && c <= 0xE0FFF ? DROPPED : c;
}

/* ---- the table ---- */

/* Signs that Unicode calls mathematical, but that are typed between words. */
static bool is_separating_sign(unsigned c)
{
	static const unsigned sign[] = {
		'+', '<', '=', '>', '|', '~', 0x2044, 0x2212, 0x2215, 0x2216, 0x2217, 0x2219,
		0x2223, 0x2236, 0x223C,
	};

	for (unsigned i = 0; i < sizeof(sign) / sizeof(*sign); i++)
		if (sign[i] == c)
			return true;
	return false;
}

/* What a character is by itself: a verdict, or the character. */
static uint32_t judge(unsigned c)
{
	if (utf8proc_get_property((utf8proc_int32_t)c)->ignorable)
		return DROPPED;
	/* what only dresses the character before it: a skin's tone, a keycap */
	if ((c >= 0x1F3FB && c <= 0x1F3FF) || c == 0x20E3)
		return DROPPED;
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
		return DROPPED;
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return BLANK;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
		return c == '?' ? ASKS : SEPARATOR;
	case UTF8PROC_CATEGORY_SK:
		return SEPARATOR;
	default:
		return is_separating_sign(c) ? SEPARATOR : c;
	}
}

static bool joins_before(unsigned c)
{
	if (c >= 0x1160 && c <= 0x11FF)
		return true;
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return true;
	default:
		return false;
	}
}

/* Upper case of the decomposed form, composed: the one order of steps in which
 * a letter and its accent fold alike, typed as one character or as two. */
static int raise_and_compose(utf8proc_int32_t *c, utf8proc_ssize_t n)
{
	for (utf8proc_ssize_t i = 0; i < n; i++)
		c[i] = utf8proc_toupper(c[i]);
	return (int)utf8proc_normalize_utf32(c, n, UTF8PROC_COMPOSE);
}

static int pool_add(unsigned c, const uint32_t *to, unsigned n, struct err *err)
{
	if (pool_used + 1 + n > POOL_SIZE)
		return err_set(err, ERR_PERM, "folding table: this utf8proc (%s) knows more "
			       "expansions than POOL_SIZE %d: raise it in fold.c",
			       utf8proc_version(), POOL_SIZE);
	table[c] = POOLED + pool_used;
	pool[pool_used++] = n;
	memcpy(pool + pool_used, to, n * sizeof(*to));
	pool_used += n;
	return 0;
}

/* han: what the Han characters became, so that compatibility forms follow them. */
static int settle(unsigned c, const utf8proc_int32_t *part, int n, const uint32_t *han,
		  struct err *err)
{
	uint32_t to[LONGEST];
	unsigned kept = 0, alike = 0;

	for (int i = 0; i < n; i++) {
		unsigned p = (unsigned)part[i];

		if (p >= HAN_FIRST && p <= HAN_LAST)
			p = han[p - HAN_FIRST];
		to[kept] = judge(p);
		alike += to[kept] >= BLANK && to[kept] == to[0];
		kept += to[kept] != DROPPED;
	}
	if (!kept)
		table[c] = DROPPED;
	else if (kept == 1 || alike == kept)
		table[c] = to[0];
	else
		return pool_add(c, to, kept, err);
	return 0;
}

static int fill(unsigned c, const uint32_t *han, struct err *err)
{
	utf8proc_int32_t part[LONGEST];
	int last_class = 0;

	table[c] = judge(c);
	if (table[c] == BLANK || table[c] == DROPPED)
		return 0;
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, part, LONGEST,
						     UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
						     &last_class);
	if (n <= 0 || n > LONGEST)
		return err_set(err, ERR_PERM, "folding table: utf8proc %s cannot decompose U+%04X",
			       utf8proc_version(), c);
	if (part[0] == ' ') {	/* an accent that stands alone, typed as a quote */
		table[c] = SEPARATOR;
		return 0;
	}
	if (joins_before((unsigned)part[0])) {
		table[c] = JOINS;
		return 0;
	}
	int composed = raise_and_compose(part, n);
	if (composed <= 0)
		return err_set(err, ERR_PERM, "folding table: utf8proc %s cannot compose U+%04X",
			       utf8proc_version(), c);
	return settle(c, part, composed, han, err);
}

/* Repeated until it stays: a few characters are themselves both forms. */
static int ask_opencc(opencc_t opencc, unsigned c, uint32_t *to_r, struct err *err)
{
	enum { ROUNDS = 4 };
	char in[UTF8_MAX], out[64];
	unsigned bytes;

	*to_r = c;
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned n = utf8_encode(in, *to_r);
		size_t m = opencc_convert_utf8_to_buffer(opencc, in, n, out);

		if (m == (size_t)-1 || !m)
			return err_set(err, ERR_PERM, "OpenCC cannot convert U+%04X: %s",
				       *to_r, opencc_error());
		unsigned next = utf8_decode(str_n(out, m), &bytes);
		if (next == *to_r || bytes != m)
			break;
		*to_r = next;
	}
	return 0;
}

static int load_han(uint32_t *han, struct err *err)
{
	opencc_t opencc = opencc_open("t2s.json");
	int rc = 0;

	if (opencc == (opencc_t)-1)
		return err_set(err, ERR_PERM, "OpenCC cannot open its conversion t2s.json: %s "
			       "(the package libopencc-data holds it)", opencc_error());
	for (unsigned c = HAN_FIRST; c <= HAN_LAST && !rc; c++)
		rc = ask_opencc(opencc, c, &han[c - HAN_FIRST], err);
	opencc_close(opencc);
	return rc;
}

int fold_init(struct err *err)
{
	static uint32_t han[HAN_LAST - HAN_FIRST + 1];

	if (ready)
		return 0;
	if (load_han(han, err))
		return -1;
	pool_used = 0;
	for (unsigned c = 0; c < TABLE_SIZE; c++)
		if (fill(c, han, err))
			return -1;
	ready = true;
	return 0;
}

/* ---- UTF-8 at the door ---- */

/* Bytes of the well-formed character that text begins with, or 0. */
static unsigned good_bytes(struct str text)
{
	utf8proc_int32_t c;

	if ((unsigned char)*text.ptr < 0x80)
		return *text.ptr != '\0';
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr,
					      (utf8proc_ssize_t)text.len, &c);
	return n > 0 ? (unsigned)n : 0;
}

bool fold_utf8_ok(struct str text)
{
	while (text.len) {
		unsigned n = good_bytes(text);

		if (!n)
			return false;
		str_skip(&text, n);
	}
	return true;
}

struct str fold_utf8_mend(struct arena *arena, struct str text)
{
	if (fold_utf8_ok(text))
		return arena_str(arena, text);
	char *out = arena_alloc(arena, text.len * utf8_size(UTF8_BAD) + 1);
	size_t len = 0;
	while (text.len) {
		unsigned n = good_bytes(text);

		if (n)
			memcpy(out + len, text.ptr, n);
		len += n ? n : utf8_encode(out + len, UTF8_BAD);
		str_skip(&text, n ? n : 1);
	}
	return str_n(out, len);
}

/* ---- folding ---- */

/* The most bytes that the folded text can take. */
static size_t measure(struct str text, bool *joins_r)
{
	size_t size = 0;
	unsigned bytes;

	for (; text.len; str_skip(&text, bytes)) {
		unsigned c = utf8_decode(text, &bytes);
		uint32_t v = verdict(c);

		*joins_r |= v == JOINS;
		if (v >= POOLED)
			size += (size_t)pool[v - POOLED] * UTF8_MAX;
		else if (v != DROPPED)
			size += v < BLANK ? utf8_size(v) : v == JOINS ? bytes : 1;
	}
	return size;
}

struct writer {
	char *start, *end;
	bool gap;		/* a space is due before what comes next */
	bool asks, marks;	/* whether a question mark, or another mark, was met */
};

static void write_one(struct writer *w, uint32_t v)
{
	if (v < BLANK) {
		if (w->gap && w->end > w->start)
			*w->end++ = ' ';
		w->gap = false;
		w->end += utf8_encode(w->end, v);
	} else if (v != DROPPED) {
		w->gap = true;
		w->asks |= v == ASKS;
		w->marks |= v == SEPARATOR;
	}
}

static struct str write_all(struct arena *arena, struct str text, size_t size)
{
	struct writer w = { .start = arena_alloc(arena, size + 1) };
	unsigned bytes;

	w.end = w.start;
	for (; text.len; str_skip(&text, bytes)) {
		unsigned c = utf8_decode(text, &bytes);
		uint32_t v = verdict(c);

		if (v < POOLED) {
			write_one(&w, v == JOINS ? c : v);
			continue;
		}
		const uint32_t *several = pool + (v - POOLED);
		for (uint32_t i = 1; i <= *several; i++)
			write_one(&w, several[i]);
	}
	if (w.end == w.start && w.asks && !w.marks)
		*w.end++ = '?';
	return str_n(w.start, w.end - w.start);
}

/* So that whole-text normalization leaves alone what the table settles by itself. */
static utf8proc_int32_t settled_by_table(utf8proc_int32_t c, void *unused)
{
	uint32_t v = verdict((unsigned)c);

	(void)unused;
	if (v == BLANK || v == SEPARATOR)
		return ' ';
	return v == DROPPED ? 0x200B : c;	/* UTF8PROC_IGNORE takes it out */
}

/* The text with its accents and jamo joined to what they follow. */
static struct str join(struct arena *arena, struct str text)
{
	const utf8proc_option_t how = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE;
	const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)text.ptr;
	utf8proc_ssize_t len = (utf8proc_ssize_t)text.len;
	utf8proc_ssize_t n = utf8proc_decompose_custom(in, len, NULL, 0, how, settled_by_table,
						       NULL);

	if (n < 0)	/* not UTF-8, against the contract: better unjoined than lost */
		return text;
	utf8proc_int32_t *c = arena_alloc(arena, (size_t)(n + 1) * sizeof(*c));
	n = utf8proc_decompose_custom(in, len, c, n, how, settled_by_table, NULL);
	n = raise_and_compose(c, n);
	if (n < 0)
		return text;
	char *out = arena_alloc(arena, (size_t)n * UTF8_MAX + 1), *end = out;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		end += utf8_encode(end, (unsigned)c[i]);
	return str_n(out, end - out);
}

struct str fold_text(struct arena *arena, struct str text)
{
	bool joins = false;
	size_t size;

	assert(ready);
	size = measure(text, &joins);
	if (joins) {
		text = join(arena, text);
		size = measure(text, &joins);
	}
	return write_all(arena, text, size);
}

struct str fold_squeeze(struct arena *arena, struct str folded)
{
	char *out = arena_alloc(arena, folded.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < folded.len; i++)
		if (folded.ptr[i] != ' ')
			out[len++] = folded.ptr[i];
	return str_n(out, len);
}

/* ---- digits ---- */

static char digit_meant(char c)
{
	return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
}

static bool is_digit(unsigned c)
{
	return c >= '0' && c <= '9';
}

struct str fold_digits(struct arena *arena, struct str folded)
{
	char *out = arena_z(arena, folded);

	for (size_t i = 0, end; i < folded.len; i = end > i ? end : i + 1) {
		unsigned digits = 0, os = 0;

		for (end = i; end < folded.len && is_digit(digit_meant(out[end])); end++) {
			digits += is_digit(out[end]);
			os += out[end] == 'O';
		}
		if (!digits && !(os >= 3 && os == end - i))
			continue;
		for (size_t k = i; k < end; k++)
			out[k] = digit_meant(out[k]);
	}
	return str_n(out, folded.len);
}

/* ---- redaction ---- */

enum { SECRET_DIGITS = 6, SECRET_SHOWN = 3 };

/* What a raw character folds to, if to a single one or first of several. */
static uint32_t first_of(unsigned c)
{
	uint32_t v = verdict(c);

	return v >= POOLED ? pool[v - POOLED + 1] : v;
}

/* Whether letters that stand for digits lead on to a digit, as in 1234lO67. */
static bool leads_to_digit(struct str rest)
{
	unsigned bytes;

	for (; rest.len; str_skip(&rest, bytes)) {
		uint32_t v = first_of(utf8_decode(rest, &bytes));

		if (is_digit(v))
			return true;
		if (v >= 0x80 || !is_digit((unsigned char)digit_meant((char)v)))
			return false;
	}
	return false;
}

/* Bytes of the run of digits that text begins with, from its first digit to its last. */
static size_t digit_run(struct str text, unsigned *digits_r)
{
	struct str rest = text;
	bool touches = false, promised = false;
	size_t end = 0;
	unsigned bytes;

	for (*digits_r = 0; rest.len; str_skip(&rest, bytes)) {
		uint32_t v = first_of(utf8_decode(rest, &bytes));

		if (!is_digit(v) && v < BLANK)
			promised = touches && (promised || leads_to_digit(rest));
		if (is_digit(v) || (v < BLANK && promised)) {
			++*digits_r;
			end = (size_t)(rest.ptr - text.ptr) + bytes;
			promised = promised && !is_digit(v);
			touches = true;
		} else if (v >= BLANK && *digits_r) {
			touches = v >= DROPPED && touches;
		} else {
			break;
		}
	}
	return end;
}

/* Copies a run, all its characters but separators and the first digits as '*'. */
static char *hide(char *out, struct str run)
{
	unsigned bytes, seen = 0;

	for (; run.len; str_skip(&run, bytes)) {
		uint32_t v = first_of(utf8_decode(run, &bytes));

		if (v < BLANK && seen++ >= SECRET_SHOWN) {
			*out++ = '*';
		} else {
			memcpy(out, run.ptr, bytes);
			out += bytes;
		}
	}
	return out;
}

struct str fold_redact(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.len + 1), *end = out;

	assert(ready);
	while (text.len) {
		unsigned digits;
		size_t n = digit_run(text, &digits);

		if (digits >= SECRET_DIGITS) {
			end = hide(end, str_n(text.ptr, n));
		} else {
			if (!n) {
				unsigned bytes;

				utf8_decode(text, &bytes);
				n = bytes;
			}
			memcpy(end, text.ptr, n);
			end += n;
		}
		str_skip(&text, n);
	}
	return str_n(out, end - out);
}
