/* nearest_text - a text as nearest.c compares it, and what in it forbids a guess. */
#include "table/nearest_private.h"

#include "text/fold.h"
#include "text/utf8.h"

enum {
	LONG_NUMBER = 6,	/* digits; a card's or a telephone's */
	STRIPS_MAX = 6,
};

bool near_text_apart(const struct near_text *t, unsigned i)
{
	return i == 0 || i >= t->n || t->begin[i] != t->end[i - 1];
}

unsigned near_text_weight(const struct near_text *t, unsigned from, unsigned to)
{
	unsigned weight = 0;

	for (unsigned i = from; i < to; ) {
		unsigned run = 0;

		while (i + run < to && nearest_is_digit(t->symbol[i + run].c))
			run++;
		weight += run >= LONG_NUMBER || !run ? 1 : run;
		i += run ? run : 1;
	}
	return weight;
}

bool near_text_read(struct near_text *t, struct str folded)
{
	struct str rest = folded;
	unsigned bytes;

	t->folded = folded;
	t->n = 0;
	t->at[0] = 0;
	for (; rest.len; str_skip(&rest, bytes)) {
		uint32_t c = utf8_decode(rest, &bytes);

		if (c == ' ')
			continue;
		if (t->n == SYMBOLS_MAX)
			return false;
		t->symbol[t->n] = nearest_symbol(c);
		t->begin[t->n] = rest.ptr - folded.ptr;
		t->end[t->n] = t->begin[t->n] + bytes;
		memcpy(t->squeezed + t->at[t->n], rest.ptr, bytes);
		t->at[t->n + 1] = t->at[t->n] + bytes;
		t->n++;
	}
	return t->n > 1 && near_text_weight(t, 0, t->n) <= NEAR_TEXT_MAX;
}

/* The symbol that begins at this byte of squeezed; none: n + 1. */
static unsigned symbol_at(const struct near_text *t, size_t byte)
{
	for (unsigned i = 0; i <= t->n; i++)
		if (t->at[i] == byte)
			return i;
	return t->n + 1;
}

/* Where the text goes on (or ends) without the longest courtesy at its front (or back); a Latin one
 * must be a word of its own, and something must be left. */
static unsigned strip(const struct near_text *t, const struct phrases *phrases, unsigned from,
		      unsigned to, bool front)
{
	for (unsigned i = 0; i < phrases->nlengths; i++) {
		size_t len = phrases->length[i], all = t->at[to] - t->at[from];

		if (len >= all)
			continue;
		size_t cut = front ? t->at[from] + len : t->at[to] - len;
		unsigned at = symbol_at(t, cut);
		if (at > t->n || !map_get(phrases->map, str_n(front ? t->squeezed + t->at[from] :
								      t->squeezed + cut, len)))
			continue;
		if (near_text_apart(t, at) || !nearest_is_alnum(t->symbol[at - 1].c) ||
		    !nearest_is_alnum(t->symbol[at].c))
			return at;
	}
	return front ? from : to;
}

void near_text_strip(const struct near_text *t, const struct matcher *m, unsigned *from_r,
		     unsigned *to_r)
{
	unsigned from = 0, to = t->n;

	for (unsigned i = 0; i < STRIPS_MAX; i++)
		from = strip(t, &m->before, from, to, true);
	for (unsigned i = 0; i < STRIPS_MAX; i++)
		to = strip(t, &m->after, from, to, false);
	*from_r = from;
	*to_r = to;
}

bool near_text_courtesy(const struct near_text *t, const struct matcher *m)
{
	struct str all = str_n(t->squeezed, t->at[t->n]);

	return map_get(m->before.map, all) || map_get(m->after.map, all);
}

/* Chinese that turns a wish round, and what makes a text a question, a quotation or a story. */
static const char *const negates[] = { "不", "没", "别", "未", "勿", "莫", "无", "免", "拒" };
static const char *const tells[] = {
	"吗",	"么", "嘛",   "怎",   "什",	"啥",	"谁",	"哪",	"咋",	"呢",
	"多少", "几", "是否", "可否", "能否",	"说",	"回复", "转",	"骗",	"问",
	"告诉", "让", "被",   "过",   "了",	"如果", "要是", "假如", "成功", "失败",
	"他",	"她", "你",   "妈",   "爸",	"朋友", "同事", "老婆", "老公", "昨",
	"前天", "明", "刚",   "之前", "以前",	"已经", "再",	"后",	"等",	"太",
	"真",	"就", "才",   "送",   "的时候", "考虑", "想想",
};
static const char *const tells_latin[] = {
	"NOT",	  "NO",	       "DON",	   "DONT",  "DIDN",  "DIDNT",	"DOESN", "NEVER", "CAN",
	"CANT",	  "CANNOT",    "WON",	   "WONT",  "DID",   "DOES",	"WHY",	 "WHO",	  "WHOSE",
	"WHEN",	  "IF",	       "SAID",	   "SAYS",  "TOLD",  "HE",	"SHE",	 "THEY",  "FRIEND",
	"FAILED", "YESTERDAY", "TOMORROW", "LATER", "REPLY", "FORWARD", "FWD",	 "FW",	  "RE",
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static unsigned count(struct str s, const char *what)
{
	size_t len = strlen(what);
	unsigned n = 0;

	for (const char *p; (p = memmem(s.ptr, s.len, what, len)); n++)
		str_skip(&s, p + len - s.ptr);
	return n;
}

static bool has_word(struct str s, const char *word)
{
	while (s.len) {
		const char *space = memchr(s.ptr, ' ', s.len);
		size_t len = space ? (size_t)(space - s.ptr) : s.len;

		if (str_eqz(str_n(s.ptr, len), word))
			return true;
		str_skip(&s, space ? len + 1 : len);
	}
	return false;
}

bool near_text_doubts(struct arena *arena, const struct near_text *t, unsigned from, unsigned to,
		      struct str guess, bool strict)
{
	struct str text = str_n(t->squeezed + t->at[from], t->at[to] - t->at[from]),
		   words = str_n(t->folded.ptr + t->begin[from], t->end[to - 1] - t->begin[from]),
		   bare = fold_squeeze(arena, guess);

	for (unsigned i = 0; i < COUNT(negates); i++)
		if (count(text, negates[i]) != count(bare, negates[i]))
			return true;
	for (unsigned i = 0; i < COUNT(tells); i++)
		if (count(text, tells[i]) != count(bare, tells[i]) &&
		    (strict || count(text, tells[i]) > count(bare, tells[i])))
			return true;
	for (unsigned i = 0; i < COUNT(tells_latin); i++)
		if (has_word(words, tells_latin[i]) && !memmem(bare.ptr, bare.len, tells_latin[i],
								   strlen(tells_latin[i])))
			return true;
	return false;
}
