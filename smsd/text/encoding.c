/* encoding - see encoding.h.  A line end is found before anything is converted: in UTF-8 and GB18030 no
 * part of another character has its octet, in UTF-16 it is a unit. */
#include "text/encoding.h"

#include <iconv.h>
#include <stdlib.h>

#include "text/fold.h"

enum { SAMPLE = 1 << 16 };

struct encoding_lines {
	struct str content;
	enum encoding encoding;
	size_t at;
	unsigned number;
	iconv_t converter;	/* none for UTF-8 */
	struct buf converted;
};

const char *encoding_name(enum encoding encoding)
{
	static const char *const name[] = { "UTF-8", "UTF-16LE", "UTF-16BE", "GB18030" };

	return name[encoding];
}

static unsigned mark(enum encoding encoding, struct str content)
{
	static const struct str marks[] = {
		STR("\xEF\xBB\xBF"), STR("\xFF\xFE"), STR("\xFE\xFF"), STR("\x84\x31\x95\x33"),
	};

	return str_starts(content, marks[encoding]) ? marks[encoding].len : 0;
}

/* Texts of digits, commas and Chinese have a zero octet for each that is ASCII, and none else. */
static bool wide(struct str content, enum encoding *encoding_r)
{
	size_t n = content.len < SAMPLE ? content.len & ~(size_t)1 : SAMPLE, zero[2] = { 0 };

	for (size_t i = 0; i < n; i++)
		zero[i & 1] += !content.ptr[i];
	*encoding_r = zero[1] > zero[0] ? ENCODING_UTF16LE : ENCODING_UTF16BE;
	size_t most = zero[0] > zero[1] ? zero[0] : zero[1];
	return most > 4 * (zero[0] + zero[1] - most) && most * 8 > n;
}

static bool ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

static struct str first_line(struct str *rest)
{
	const char *end = memchr(rest->ptr, '\n', rest->len);
	struct str line = str_n(rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len);

	str_skip(rest, line.len + (end != NULL));
	return line;
}

static enum encoding narrow(struct str content)
{
	size_t good = 0, bad = 0;

	while (content.len) {
		struct str line = first_line(&content);

		if (ascii(line))
			continue;
		if (fold_utf8_ok(line))
			good++;
		else
			bad++;
	}
	return bad > good ? ENCODING_GB18030 : ENCODING_UTF8;
}

enum encoding encoding_guess(struct str content)
{
	enum encoding e;

	for (e = ENCODING_UTF8; e <= ENCODING_GB18030; e++)
		if (mark(e, content))
			return e;
	return wide(content, &e) ? e : narrow(content);
}

struct encoding_lines *encoding_lines_new(struct str content)
{
	struct encoding_lines *l = mem_alloc(sizeof(*l));

	l->encoding = encoding_guess(content);
	str_skip(&content, mark(l->encoding, content));
	l->content = content;
	if (l->encoding != ENCODING_UTF8)
		l->converter = iconv_open("UTF-8", encoding_name(l->encoding));
	return l;
}

void encoding_lines_free(struct encoding_lines **lines)
{
	struct encoding_lines *l = *lines;

	if (l && l->encoding != ENCODING_UTF8)
		iconv_close(l->converter);
	if (l)
		buf_free(&l->converted);
	free(l);
	*lines = NULL;
}

enum encoding encoding_of(const struct encoding_lines *l)
{
	return l->encoding;
}

/* Octets up to the line's end, which is not of them; *end_r: of the end itself. */
static size_t line_octets(const struct encoding_lines *l, size_t *end_r)
{
	const char *from = l->content.ptr + l->at, *p = from;
	size_t left = l->content.len - l->at;
	bool little = l->encoding == ENCODING_UTF16LE;

	if (l->encoding == ENCODING_UTF8 || l->encoding == ENCODING_GB18030) {
		p = memchr(from, '\n', left);
		*end_r = p != NULL;
		return p ? (size_t)(p - from) : left;
	}
	for (; p + 1 < from + left; p += 2)
		if (p[little] == 0 && p[!little] == '\n') {
			*end_r = 2;
			return p - from;
		}
	*end_r = 0;
	return left;
}

static bool convert(struct encoding_lines *l, struct str octets, struct str *text_r)
{
	char *in = (char *)octets.ptr, *out;
	size_t in_left = octets.len, out_left;

	if (!octets.len) {
		*text_r = STR("");
		return true;
	}
	l->converted.len = 0;
	buf_room(&l->converted, 2 * octets.len + 8);	/* two octets become at most four */
	out = l->converted.ptr;
	out_left = l->converted.cap;
	iconv(l->converter, NULL, NULL, NULL, NULL);
	if (iconv(l->converter, &in, &in_left, &out, &out_left) == (size_t)-1 || in_left)
		return false;
	*text_r = str_n(l->converted.ptr, l->converted.cap - out_left);
	return true;
}

bool encoding_lines_next(struct encoding_lines *l, struct encoding_line *line_r)
{
	size_t end;

	if (l->at >= l->content.len)
		return false;
	struct str octets = str_n(l->content.ptr + l->at, line_octets(l, &end));
	l->at += octets.len + end;
	line_r->number = ++l->number;
	line_r->text = octets;
	bool right = l->encoding == ENCODING_UTF8 || convert(l, octets, &line_r->text);
	line_r->wrong = !right || !fold_utf8_ok(line_r->text);
	if (line_r->wrong)
		line_r->text = STR("");
	if (str_ends(line_r->text, STR("\r")))
		line_r->text.len--;
	return true;
}

struct encoding_place encoding_lines_tell(const struct encoding_lines *l)
{
	return (struct encoding_place){ l->at, l->number };
}

void encoding_lines_seek(struct encoding_lines *l, struct encoding_place place)
{
	l->at = place.offset;
	l->number = place.number;
}
