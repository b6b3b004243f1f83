/* nearest_cost - see nearest_cost.h.  Damerau's distance (optimal string alignment) in a narrow
 * band. */
#include "table/nearest_cost.h"

enum {
	CONFUSED = 1, /* O 0, the same sound */
	BLURRED = 2, /* about the same sound; a character doubled, or once instead of twice */
	NEIGHBOUR = 3, /* the next key; two characters swapped */
	DIGIT = 6, /* another digit is another number */
	OTHER_SCRIPT = 8,
};

#define B(c) (1u << ((c) - 'A'))
/* The keys around each letter (qwerty). */
static const uint32_t beside[26] = {
	B('Q') | B('W') | B('S') | B('Z'), B('V') | B('G') | B('H') | B('N'),
	B('X') | B('D') | B('F') | B('V'), B('S') | B('E') | B('R') | B('F') | B('C') | B('X'),
	B('W') | B('S') | B('D') | B('R'), B('D') | B('R') | B('T') | B('G') | B('V') | B('C'),
	B('F') | B('T') | B('Y') | B('H') | B('B') | B('V'),
	B('G') | B('Y') | B('U') | B('J') | B('N') | B('B'),
	B('U') | B('J') | B('K') | B('O'),
	B('H') | B('U') | B('I') | B('K') | B('M') | B('N'),
	B('J') | B('I') | B('O') | B('L') | B('M'),
	B('K') | B('O') | B('P'),
	B('N') | B('J') | B('K'),
	B('B') | B('H') | B('J') | B('M'),
	B('I') | B('K') | B('L') | B('P'),
	B('O') | B('L'),
	B('W') | B('A'),
	B('E') | B('D') | B('F') | B('T'),
	B('A') | B('W') | B('E') | B('D') | B('X') | B('Z'),
	B('R') | B('F') | B('G') | B('Y'),
	B('Y') | B('H') | B('J') | B('I'),
	B('C') | B('F') | B('G') | B('B'),
	B('Q') | B('A') | B('S') | B('E'),
	B('Z') | B('S') | B('D') | B('C'),
	B('T') | B('G') | B('H') | B('U'),
	B('A') | B('S') | B('X'),
};

/* The key of a telephone that holds the letter. */
static const char pad[] = "22233344455566677778889999";

static unsigned replace_alnum(uint32_t a, uint32_t b)
{
	if (nearest_is_digit(a) || nearest_is_digit(b))
		return DIGIT;
	if (beside[a - 'A'] & B(b) || pad[a - 'A'] == pad[b - 'A'])
		return NEIGHBOUR;
	return COST_EDIT;
}

static unsigned replace(const struct symbol *a, const struct symbol *b)
{
	struct reading x = a->reading, y = b->reading;

	if (a->c == b->c)
		return 0;
	if (x.first && y.first) {
		if (x.first == y.first || x.first == y.second || x.second == y.first ||
		    (x.second && x.second == y.second))
			return CONFUSED;
		return a->key == b->key ? BLURRED : COST_EDIT;
	}
	if (!nearest_is_alnum(a->c) || !nearest_is_alnum(b->c))
		return OTHER_SCRIPT;
	return a->key == b->key ? CONFUSED : replace_alnum(a->c, b->c);
}

/* Characters that say nothing: 下 个 请 呀 啊 哦. */
static bool particle(uint32_t c)
{
	return c == 0x4E0B || c == 0x4E2A || c == 0x8BF7 || c == 0x5440 || c == 0x554A ||
	       c == 0x54E6;
}

/* The cost of s[i] where the other side has nothing. */
static unsigned alone(const struct symbol *s, unsigned n, unsigned i)
{
	if ((i > 0 && s[i - 1].key == s[i].key) || (i + 1 < n && s[i + 1].key == s[i].key) ||
	    particle(s[i].c))
		return BLURRED;
	return nearest_is_digit(s[i].c) ? DIGIT : COST_EDIT;
}

static unsigned swapped(const struct symbol *form, const struct symbol *text)
{
	unsigned cost;

	if (form[0].key != text[1].key || form[1].key != text[0].key || form[0].key == form[1].key)
		return COST_FAR;
	cost = replace(&form[0], &text[1]) + replace(&form[1], &text[0]);
	return cost +
	       (nearest_is_digit(form[0].c) && nearest_is_digit(form[1].c) ? COST_EDIT : NEIGHBOUR);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

struct rows {
	unsigned char *now, *last, *older, *form_alone, *text_alone;
};

/* One row: the form's first i symbols.  Returns its least cost. */
static unsigned row(const struct symbol *form, unsigned i, const struct symbol *text, unsigned n,
		    const struct rows *r)
{
	unsigned from = i > COST_BAND ? i - COST_BAND : 0, to = least(n, i + COST_BAND),
		 row_best = COST_FAR;

	if (from > 0)
		r->now[from - 1] = COST_FAR;
	for (unsigned j = from; j <= to; j++) {
		unsigned best = r->last[j] + r->form_alone[i - 1];

		if (j > 0) {
			best = least(best, r->last[j - 1] + replace(&form[i - 1], &text[j - 1]));
			if (j > from)
				best = least(best, r->now[j - 1] + r->text_alone[j - 1]);
		}
		if (j > 1 && i > 1)
			best = least(best, r->older[j - 2] + swapped(&form[i - 2], &text[j - 2]));
		r->now[j] = least(best, COST_FAR);
		row_best = least(row_best, r->now[j]);
	}
	if (to < n)
		r->now[to + 1] = COST_FAR;
	return row_best;
}

void nearest_cost(const struct symbol *form, unsigned m, const struct symbol *text, unsigned n,
		  unsigned limit, unsigned char cost[SYMBOLS_MAX + 1])
{
	unsigned char room[3][SYMBOLS_MAX + 2], form_alone[FORM_MAX], text_alone[SYMBOLS_MAX],
		*spare;
	struct rows r = { room[0], room[1], room[2], form_alone, text_alone };

	memset(cost, COST_FAR, n + 1);
	for (unsigned i = 0; i < m; i++)
		form_alone[i] = alone(form, m, i);
	for (unsigned j = 0; j < n; j++)
		text_alone[j] = alone(text, n, j);
	r.now[0] = 0;
	for (unsigned j = 1; j <= n && j <= COST_BAND; j++)
		r.now[j] = r.now[j - 1] + text_alone[j - 1];
	if (n > COST_BAND)
		r.now[COST_BAND + 1] = COST_FAR;
	for (unsigned i = 1; i <= m; i++) {
		spare = r.older, r.older = r.last, r.last = r.now, r.now = spare;
		if (row(form, i, text, n, &r) > limit + NEIGHBOUR)
			return;
	}
	for (unsigned j = m > COST_BAND ? m - COST_BAND : 0; j <= n && j <= m + COST_BAND; j++)
		cost[j] = r.now[j];
}

unsigned nearest_limit(const struct symbol *form, unsigned m, unsigned n)
{
	unsigned low = least(m, n), high = m + n - low;
	bool letters = true, digits = true;

	for (unsigned i = 0; i < m; i++) {
		letters &= nearest_is_alnum(form[i].c);
		digits &= nearest_is_digit(form[i].c);
	}
	if (low < 2)
		return 0;
	if (low == 2 || digits || (!letters && high < 4))
		return NEIGHBOUR;
	if (high <= 4 || (!letters && high <= 6))
		return COST_EDIT;
	return high <= (letters ? 6 : 9) ? COST_EDIT + BLURRED : 2 * COST_EDIT;
}

unsigned nearest_limit_whole(unsigned n)
{
	return n <= 2 ? NEIGHBOUR :
	       n <= 4 ? COST_EDIT :
	       n <= 6 ? COST_EDIT + BLURRED :
			2 * COST_EDIT;
}
