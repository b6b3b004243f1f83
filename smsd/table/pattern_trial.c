/* pattern_trial - whether a pattern can backtrack without end, see pattern.h.
 *
 * Two looks: how its quantifiers nest, and how long the interpreter needs for texts made to
 * mislead it, of the characters and words that stand in the pattern.  The whole pattern is tried
 * and each repeated group alone, for what stands before a group may keep the trial from reaching
 * it. */
#include "table/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	GROUPS_MAX = 64, DEPTH_MAX = 32, LETTERS_MAX = 12, WORDS_MAX = 12,
	TRIAL_LEN = 40,		/* characters: cubic patterns still pass, exponential ones do not */
};

struct group {
	size_t begin;
	bool atomic;
	bool unbounded;		/* holds an item that repeats without bound and gives back */
};

struct repeat {			/* a group with its quantifier */
	size_t begin, end;
	bool nested;		/* unbounded, of a group that holds something unbounded */
};

struct scan {
	struct str s;
	size_t at;
	struct group open[DEPTH_MAX];
	unsigned depth;
	struct repeat repeat[GROUPS_MAX];
	unsigned nrepeat, variable;	/* quantifiers that leave a choice */
};

static char peek(const struct scan *s, size_t ahead)
{
	return s->at + ahead < s->s.len ? s->s.ptr[s->at + ahead] : '\0';
}

static void skip_to(struct scan *s, const char *end)
{
	const char *p = memmem(s->s.ptr + s->at, s->s.len - s->at, end, strlen(end));

	s->at = p ? (size_t)(p - s->s.ptr) + strlen(end) : s->s.len;
}

static void skip_escape(struct scan *s)
{
	char c = peek(s, 1);

	s->at += 2;
	if (c == 'Q')
		skip_to(s, "\\E");
	else if (c && strchr("pPxNgko", c) && peek(s, 0) == '{')
		skip_to(s, "}");
}

static void skip_class(struct scan *s)
{
	s->at++;
	if (peek(s, 0) == '^')
		s->at++;
	if (peek(s, 0) == ']')
		s->at++;
	while (s->at < s->s.len && peek(s, 0) != ']') {
		if (peek(s, 0) == '\\')
			s->at += 2;
		else if (peek(s, 0) == '[' && peek(s, 1) == ':')
			skip_to(s, ":]");
		else
			s->at++;
	}
	s->at++;
}

/* Comments and verbs look like groups. */
static void open_group(struct scan *s)
{
	if (peek(s, 1) == '*' || (peek(s, 1) == '?' && peek(s, 2) == '#')) {
		skip_to(s, ")");
		return;
	}
	if (s->depth < DEPTH_MAX)
		s->open[s->depth] = (struct group){
			s->at, peek(s, 1) == '?' && peek(s, 2) == '>', false,
		};
	s->depth++;
	s->at++;
	if (peek(s, 0) == '?')
		s->at++;	/* or it would be taken for a quantifier */
}

struct quantifier {
	bool here, variable, unbounded, repeats, possessive;
};

/* {n}, {n,}, {n,m}; a brace that is none of these stands for itself. */
static bool take_braces(struct scan *s, struct quantifier *q)
{
	unsigned low = 0, high = 0;
	size_t i = s->at + 1, digits = i;
	const char *p = s->s.ptr;

	for (; i < s->s.len && p[i] >= '0' && p[i] <= '9' && i - digits < 6; i++)
		low = low * 10 + (p[i] - '0');
	if (i == digits || i >= s->s.len)
		return false;
	high = low;
	if (p[i] == ',') {
		q->unbounded = i + 1 < s->s.len && p[i + 1] == '}';
		for (i++, digits = i, high = 0; i < s->s.len && p[i] >= '0' && p[i] <= '9' &&
		     i - digits < 6; i++)
			high = high * 10 + (p[i] - '0');
	}
	if (i >= s->s.len || p[i] != '}')
		return false;
	q->variable = q->unbounded || high > low;
	q->repeats = q->unbounded || high > 1;
	s->at = i + 1;
	return true;
}

static struct quantifier take_quantifier(struct scan *s)
{
	struct quantifier q = { 0 };
	char c = peek(s, 0);

	if (c == '*' || c == '+' || c == '?') {
		q = (struct quantifier){ true, true, c != '?', c != '?', false };
		s->at++;
	} else if (c == '{') {
		q.here = take_braces(s, &q);
	}
	if (!q.here)
		return (struct quantifier){ 0 };
	q.possessive = peek(s, 0) == '+';
	if (q.possessive || peek(s, 0) == '?')
		s->at++;
	return q;
}

static void note_unbounded(struct scan *s)
{
	if (s->depth && s->depth <= DEPTH_MAX)
		s->open[s->depth - 1].unbounded = true;
}

static void close_group(struct scan *s)
{
	struct group group = { 0 };
	struct quantifier q;

	s->at++;
	if (!s->depth)
		return;
	s->depth--;
	if (s->depth < DEPTH_MAX)
		group = s->open[s->depth];
	q = take_quantifier(s);
	s->variable += q.variable && !q.possessive;
	if (q.repeats && s->nrepeat < GROUPS_MAX)
		s->repeat[s->nrepeat++] = (struct repeat){
			group.begin, s->at,
			q.unbounded && !q.possessive && group.unbounded && !group.atomic,
		};
	if (!q.possessive && (q.unbounded || (group.unbounded && !group.atomic)))
		note_unbounded(s);
}

static void scan_item(struct scan *s)
{
	struct quantifier q;

	switch (peek(s, 0)) {
	case '(':
		open_group(s);
		return;
	case ')':
		close_group(s);
		return;
	case '[':
		skip_class(s);
		break;
	case '\\':
		skip_escape(s);
		break;
	default:
		s->at++;
	}
	q = take_quantifier(s);
	s->variable += q.variable && !q.possessive;
	if (q.unbounded && !q.possessive)
		note_unbounded(s);
}

/* What misleading texts are made of. */
struct stuff {
	struct str letter[LETTERS_MAX], word[WORDS_MAX];
	unsigned letters, words;
};

static void add(struct str *list, unsigned *n, unsigned max, struct str s)
{
	for (unsigned i = 0; i < *n; i++)
		if (str_eq(list[i], s))
			return;
	if (*n < max)
		list[(*n)++] = s;
}

static bool literal_byte(char c)
{
	return !strchr("\\^$.[]|()?*+{}<>=!:#,-", c);
}

static size_t char_len(struct str s, size_t at)
{
	size_t n = 1;

	while (at + n < s.len && ((unsigned char)s.ptr[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

static void add_word(struct stuff *stuff, struct str s, size_t begin, size_t end)
{
	if (end > begin + 1 && end - begin <= 24)
		add(stuff->word, &stuff->words, WORDS_MAX, str_n(s.ptr + begin, end - begin));
}

static struct stuff gather(struct str s)
{
	static const struct str common[] = { { "1", 1 }, { "A", 1 }, { "一", 3 }, { " ", 1 } };
	struct stuff stuff = { 0 };
	size_t begin = 0, i = 0;

	for (unsigned k = 0; k < 4; k++)
		add(stuff.letter, &stuff.letters, LETTERS_MAX, common[k]);
	while (i < s.len) {
		size_t n = char_len(s, i);

		if (literal_byte(s.ptr[i])) {
			add(stuff.letter, &stuff.letters, LETTERS_MAX, str_n(s.ptr + i, n));
			i += n;
			continue;
		}
		add_word(&stuff, s, begin, i);
		i += s.ptr[i] == '\\' && i + 1 < s.len ? 1 + char_len(s, i + 1) : n;
		begin = i;
	}
	add_word(&stuff, s, begin, i);
	return stuff;
}

/* Repeats a and b until long enough, then something that fits nothing. */
static size_t fill(char *text, struct str a, struct str b)
{
	size_t n = 0;

	while (n + a.len + b.len <= TRIAL_LEN * 3 && n < (a.len + b.len) * TRIAL_LEN / 2) {
		memcpy(text + n, a.ptr, a.len);
		n += a.len;
		if (b.len)
			memcpy(text + n, b.ptr, b.len);
		n += b.len;
	}
	text[n++] = '\2';
	return n;
}

struct trial {
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *data;
};

static bool explodes_on(const struct trial *t, struct str a, struct str b)
{
	char text[TRIAL_LEN * 3 + 1];
	size_t len = fill(text, a, b);
	int n = pcre2_match(t->code, (PCRE2_SPTR)text, len, 0, PCRE2_NO_UTF_CHECK, t->data,
			    t->limits);

	return n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_DEPTHLIMIT ||
	       n == PCRE2_ERROR_HEAPLIMIT;
}

static bool explodes(const struct trial *t, const struct stuff *stuff)
{
	for (unsigned i = 0; i < stuff->words; i++)
		if (explodes_on(t, stuff->word[i], STR("")))
			return true;
	for (unsigned i = 0; i < stuff->letters; i++) {
		if (explodes_on(t, stuff->letter[i], STR("")))
			return true;
		for (unsigned k = 0; k < stuff->letters; k++)
			if (k != i && explodes_on(t, stuff->letter[i], stuff->letter[k]))
				return true;
	}
	return false;
}

/* PCRE2's short cuts would spare it the work that a real text makes it do: they are off.  A
 * group that cannot stand alone (it refers to others) is judged with the whole. */
static bool try_part(struct str part, const struct stuff *stuff)
{
	struct trial t = { 0 };
	size_t offset;
	int error;
	bool bad = false;

	t.code = pcre2_compile((PCRE2_SPTR)part.ptr, part.len,
			       PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C |
			       PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_START_OPTIMIZE,
			       &error, &offset, NULL);
	if (!t.code)
		return false;
	t.limits = pcre2_match_context_create(NULL);
	t.data = pcre2_match_data_create(1, NULL);
	if (t.limits && t.data) {
		pcre2_set_match_limit(t.limits, PATTERN_WORK_MAX);
		pcre2_set_depth_limit(t.limits, PATTERN_WORK_MAX);
		bad = explodes(&t, stuff);
	}
	pcre2_match_data_free(t.data);
	pcre2_match_context_free(t.limits);
	pcre2_code_free(t.code);
	return bad;
}

/* With what never matches behind it, as anything may stand there in the whole. */
static bool try_group(struct str part, const struct stuff *stuff)
{
	struct buf source = { 0 };
	bool bad;

	buf_str(&source, part);
	buf_z(&source, "(?!)");
	bad = try_part(buf_get(&source), stuff);
	buf_free(&source);
	return bad;
}

/* Whether a trial can tell: all that is repeated stands there as itself or as a usual class. */
static bool judged_by_trial(struct str part)
{
	for (size_t i = 0; i + 1 < part.len; i++) {
		if (part.ptr[i] == '[' && part.ptr[i + 1] == ':')
			return false;
		if (part.ptr[i] != '\\')
			continue;
		i++;
		if ((part.ptr[i] >= '0' && part.ptr[i] <= '9') || strchr("xgkoNRXQ", part.ptr[i]))
			return false;
	}
	return true;
}

static int refuse(struct err *err, size_t *offset_r, size_t offset)
{
	*offset_r = offset;
	return err_set(err, ERR_INPUT, "the pattern can backtrack without end: a repeated part"
		       " can take the same text in many ways (write the inner repetition"
		       " possessive, as [0-9]++, or bounded, as {1,9}, and make alternatives differ)");
}

int pattern_trial(struct str source, struct err *err, size_t *offset_r)
{
	struct scan s = { .s = source };
	struct stuff stuff;

	while (s.at < source.len)
		scan_item(&s);
	if (!s.variable)
		return 0;
	stuff = gather(source);
	for (unsigned i = 0; i < s.nrepeat; i++) {
		struct str part = str_n(source.ptr + s.repeat[i].begin,
					s.repeat[i].end - s.repeat[i].begin);

		if ((s.repeat[i].nested && !judged_by_trial(part)) || try_group(part, &stuff))
			return refuse(err, offset_r, s.repeat[i].begin);
	}
	if (s.variable > 1 && try_part(source, &stuff))
		return refuse(err, offset_r, 0);
	return 0;
}
