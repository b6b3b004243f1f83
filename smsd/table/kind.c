/* kind - see kind.h.  Spans come folded: what was a dot, a dash or a comma is one space. */
#include "table/kind.h"

#include <stdio.h>

#include "text/fold.h"
#include "text/msisdn.h"

#define NORMAL(name)									\
	static bool name(const struct kind *kind, struct arena *arena,			\
			 const struct match_context *context, struct str span,		\
			 struct kind_value *out_r)
#define UNUSED(x) ((void)(x))

static struct kind_value value(struct str text)
{
	return (struct kind_value){ text, true };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes leading digits. */
static struct str take_digits(struct str *s)
{
	struct str run = { s->ptr, 0 };

	while (run.len < s->len && is_digit(run.ptr[run.len]))
		run.len++;
	str_skip(s, run.len);
	return run;
}

static bool take(struct str *s, struct str what)
{
	if (!str_starts(*s, what))
		return false;
	str_skip(s, what.len);
	return true;
}

/* The first of a NULL-terminated list that begins s; longer ones must stand first. */
static bool take_one(struct str *s, const char *const *list)
{
	for (; *list; list++)
		if (take(s, str_z(*list)))
			return true;
	return false;
}

static unsigned to_number(struct str digits)
{
	unsigned n = 0;

	for (size_t i = 0; i < digits.len; i++)
		n = n * 10 + (digits.ptr[i] - '0');
	return n;
}

NORMAL(normal_msisdn)
{
	struct msisdn msisdn;

	UNUSED(kind);
	UNUSED(context);
	if (msisdn_parse(span, &msisdn, NULL) < 0 || !msisdn.home)
		return false;
	*out_r = value(arena_str(arena, str_z(msisdn.text)));
	return true;
}

NORMAL(normal_digits)
{
	struct str squeezed = fold_squeeze(arena, span);

	UNUSED(kind);
	UNUSED(context);
	*out_r = value(squeezed);
	return str_digits(squeezed);
}

NORMAL(normal_number)
{
	UNUSED(kind);
	UNUSED(context);
	if (!str_digits(span) || span.len > 9)
		return false;
	while (span.len > 1 && *span.ptr == '0')
		str_skip(&span, 1);
	*out_r = value(arena_str(arena, span));
	return true;
}

NORMAL(normal_word)
{
	UNUSED(kind);
	UNUSED(context);
	if (!span.len || memchr(span.ptr, ' ', span.len))
		return false;
	*out_r = value(arena_str(arena, span));
	return true;
}

NORMAL(normal_text)
{
	UNUSED(kind);
	UNUSED(context);
	*out_r = value(arena_str(arena, span));
	return span.len > 0;
}

/* money.  Thousands are not parted: folded, "1,000" could have been 1.000, or 1 and 000. */

static bool take_yuan(struct str *s, unsigned *yuan_r)
{
	struct str run = take_digits(s);

	if (!run.len || run.len > 7)
		return false;
	*yuan_r = to_number(run);
	return true;
}

/* A lone 0 may as well be the end of an integer typed with a space ("2 0"): refused, money is at
 * stake. */
static bool take_decimals(struct str *s, unsigned *fen_r)
{
	struct str rest = *s, run;

	if (!take(&rest, STR(" ")))
		return true;
	run = take_digits(&rest);
	if (!run.len)
		return true;
	if (run.len > 2 || str_eq(run, STR("0")))
		return false;
	*fen_r = run.len == 2 ? to_number(run) : 10 * to_number(run);
	*s = rest;
	return true;
}

/* "20元5角", "20块5": what stands behind the unit. */
static bool take_small(struct str *s, unsigned *fen_r)
{
	static const char *const jiao[] = { "角", "毛", NULL };
	struct str run;

	take(s, STR(" "));
	run = take_digits(s);
	if (!run.len)
		return true;
	if (run.len != 1 || *fen_r)
		return false;
	*fen_r = 10 * to_number(run);
	take_one(s, jiao);
	return true;
}

NORMAL(normal_money)
{
	static const char *const before[] = { "¥", "RMB", "CNY", "人民币", NULL };
	static const char *const unit[] = { "元钱", "块钱", "元整", "元", "块", "圆", "YUAN", "RMB", "CNY",
					    "人民币", NULL };
	unsigned yuan = 0, fen = 0;

	UNUSED(kind);
	UNUSED(context);
	if (take_one(&span, before))
		take(&span, STR(" "));
	if (!take_yuan(&span, &yuan) || !take_decimals(&span, &fen))
		return false;
	take(&span, STR(" "));
	if (take_one(&span, unit) && !take_small(&span, &fen))
		return false;
	if (span.len)
		return false;
	*out_r = value(arena_printf(arena, "%u.%02u", yuan, fen));
	return true;
}

/* month: counted from year 0, so that going back is a subtraction. */

static int this_month(const struct match_context *context)
{
	time_t shanghai = (context ? context->now : 0) + 8 * 3600;
	struct tm tm;

	gmtime_r(&shanghai, &tm);
	return (tm.tm_year + 1900) * 12 + tm.tm_mon;
}

static bool relative_month(struct str squeezed, int now, int *month_r)
{
	static const struct { const char *word; int back; } word[] = {
		{ "上上个月", 2 }, { "上上月", 2 }, { "上个月", 1 }, { "上月", 1 }, { "上个月份", 1 },
		{ "上月份", 1 }, { "前一个月", 1 }, { "LASTMONTH", 1 }, { "PREVIOUSMONTH", 1 },
		{ "这个月", 0 }, { "这个月份", 0 }, { "这月", 0 }, { "本月", 0 }, { "本月份", 0 },
		{ "当月", 0 }, { "当月份", 0 }, { "THISMONTH", 0 }, { "CURRENTMONTH", 0 },
	};

	for (unsigned i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (str_eqz(squeezed, word[i].word)) {
			*month_r = now - word[i].back;
			return true;
		}
	return false;
}

/* 1 to 12, or 0. */
static unsigned take_month_name(struct str *s)
{
	static const struct { const char *name; unsigned month; } name[] = {
		{ "十一", 11 }, { "十二", 12 }, { "一", 1 }, { "二", 2 }, { "三", 3 }, { "四", 4 },
		{ "五", 5 }, { "六", 6 }, { "七", 7 }, { "八", 8 }, { "九", 9 }, { "十", 10 },
		{ "JANUARY", 1 }, { "FEBRUARY", 2 }, { "MARCH", 3 }, { "APRIL", 4 }, { "MAY", 5 },
		{ "JUNE", 6 }, { "JULY", 7 }, { "AUGUST", 8 }, { "SEPTEMBER", 9 },
		{ "OCTOBER", 10 }, { "NOVEMBER", 11 }, { "DECEMBER", 12 }, { "JAN", 1 },
		{ "FEB", 2 }, { "MAR", 3 }, { "APR", 4 }, { "JUN", 6 }, { "JUL", 7 }, { "AUG", 8 },
		{ "SEPT", 9 }, { "SEP", 9 }, { "OCT", 10 }, { "NOV", 11 }, { "DEC", 12 },
	};

	for (unsigned i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (take(s, str_z(name[i].name)))
			return name[i].month;
	return 0;
}

/* A year with what parts it from the month; 0: none stands here. */
static unsigned take_year(struct str *s, int now)
{
	struct str rest = *s, run = take_digits(&rest);
	unsigned year;
	bool marked;

	if (take(s, STR("去年")) || take(s, STR("今年"))) {
		unsigned back = str_starts(str_n(s->ptr - 6, 3), STR("去"));

		take(s, STR(" "));
		return now / 12 - back;
	}
	if (run.len == 5 || run.len == 6) {	/* 20269, 202609 */
		str_skip(s, 4);
		return to_number(str_n(run.ptr, 4));
	}
	take(&rest, STR(" "));
	marked = take(&rest, STR("年"));
	if (!(run.len == 4 || (run.len == 2 && marked)) || !rest.len)
		return 0;
	take(&rest, STR(" "));
	*s = rest;
	year = to_number(run) + (run.len == 2 ? 2000 : 0);
	return year ? year : 1;		/* 0000 is a year out of range, not a missing one */
}

static unsigned take_month_number(struct str *s)
{
	struct str rest = *s, run = take_digits(&rest);

	if (!run.len)
		return take_month_name(s);
	*s = rest;
	return run.len <= 2 ? to_number(run) : 0;
}

/* Behind an English name the year comes last. */
static bool take_month_end(struct str *s, bool english, unsigned *year_r)
{
	static const char *const end[] = { "月份", "月", NULL };
	struct str run;

	take(s, STR(" "));
	if (!english) {
		take_one(s, end);
	} else if (!*year_r && s->len) {
		run = take_digits(s);
		if (run.len != 4)
			return false;
		*year_r = to_number(run);
	}
	return !s->len;
}

NORMAL(normal_month)
{
	struct str squeezed = fold_squeeze(arena, span);
	int now = this_month(context), month;

	UNUSED(kind);
	if (!relative_month(squeezed, now, &month)) {
		unsigned year = take_year(&span, now);
		bool english = span.len && *span.ptr >= 'A' && *span.ptr <= 'Z';
		unsigned number = take_month_number(&span);

		if (number < 1 || number > 12 || !take_month_end(&span, english, &year) ||
		    (year && (year < 1990 || year > 2099)))
			return false;
		month = (year ? (int)year : now / 12) * 12 + (int)number - 1;
		if (!year && month > now)
			month -= 12;
	}
	*out_r = value(arena_printf(arena, "%04d-%02d-01", month / 12, month % 12 + 1));
	return true;
}

NORMAL(normal_vocabulary)
{
	struct str squeezed = fold_squeeze(arena, span), code = { 0 };

	if (context && context->vocabulary)
		code = vocabulary_code(context->vocabulary, str_z(kind->name), squeezed);
	*out_r = (struct kind_value){ code.ptr ? arena_str(arena, code) : squeezed, code.ptr };
	return squeezed.len > 0;
}

/* A service password; what is neither all digits nor as long is none. */
NORMAL(normal_password)
{
	struct str squeezed = fold_squeeze(arena, span);

	UNUSED(kind);
	UNUSED(context);
	*out_r = value(squeezed);
	return str_digits(squeezed) && squeezed.len >= 4 && squeezed.len <= 8;
}

/* Numbers of a list that was shown, in any separators: "1,3,5". */
NORMAL(normal_items)
{
	static const char *const parts[] = { "和", "跟", "与", "及", "项", "号", "第", "个", "AND", "NO", NULL };
	struct buf out = { 0 };
	unsigned n = 0;

	UNUSED(kind);
	UNUSED(context);
	while (span.len && n <= 50) {
		struct str run = take_digits(&span);

		if (run.len > 3 || (run.len && !to_number(run))) {
			n = 0;
			break;
		}
		if (run.len)
			buf_printf(&out, "%s%u", n++ ? "," : "", to_number(run));
		else if (!take(&span, STR(" ")) && !take_one(&span, parts))
			break;
	}
	*out_r = value(arena_str(arena, buf_get(&out)));
	buf_free(&out);
	return !span.len && n;
}

static const struct kind builtin[] = {
	{ "msisdn", false, 7, normal_msisdn },
	{ "month", false, 6, normal_month },
	{ "number", false, 5, normal_number },
	{ "money", false, 4, normal_money },
	{ "digits", false, 4, normal_digits },
	{ "password", false, 4, normal_password },
	{ "new_password", false, 4, normal_password },
	{ "items", false, 3, normal_items },
	{ "word", false, 1, normal_word },
	{ "text", false, 0, normal_text },
};
enum { BUILTINS = sizeof(builtin) / sizeof(*builtin) };

const struct kind *kind_builtin(struct str name)
{
	for (unsigned i = 0; i < BUILTINS; i++)
		if (str_eqz(name, builtin[i].name))
			return &builtin[i];
	return NULL;
}

const struct kind *kind_near(struct str name)
{
	for (unsigned i = 0; i < BUILTINS; i++)
		if (str_distance(name, str_z(builtin[i].name), 2) <= (name.len > 5 ? 2 : 1))
			return &builtin[i];
	return NULL;
}

const struct kind *kind_vocabulary(struct arena *arena, const char *name)
{
	struct kind *kind = arena_alloc(arena, sizeof(*kind));

	*kind = (struct kind){ name, true, 2, normal_vocabulary };
	return kind;
}

static unsigned decode(const char *p, unsigned bytes)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned c = (unsigned char)*p & mask[bytes];

	for (unsigned i = 1; i < bytes; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	return c;
}

static bool is_han(unsigned c)
{
	return c == 0x3005 || c == 0x3007 || (c >= 0x3400 && c <= 0x4dbf) ||
	       (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x323af);
}

bool kind_word_like(struct str s)
{
	unsigned n = 0;

	while (s.len && n <= 20) {
		unsigned char lead = *s.ptr;
		unsigned bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

		if (bytes > s.len)
			return false;
		if (bytes == 1 ? !(is_digit(lead) || (lead >= 'A' && lead <= 'Z')) :
				 !is_han(decode(s.ptr, bytes)))
			return false;
		str_skip(&s, bytes);
		n++;
	}
	return n >= 1 && n <= 20;
}

const char *kind_names(void)
{
	return "msisdn, month, money, digits, number, items, password, new_password, word, text, or a kind of the vocabulary";
}
