/* nearest_ends - how much of a text a form takes, and what may not be taken for what. */
#include "table/nearest_private.h"

enum {
	DOUBLED = 2,		/* ends that cost so much more than the cheapest are ends too */
	SPELLED_COST = 2,	/* of pinyin for Chinese */
	SPELLED_SLIPS = 6,	/* letters from which pinyin may hold a slip */
	INITIALS_COST = 3,
	NEVER = COST_FAR,
};

static bool all_digits(const struct symbol *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!nearest_is_digit(s[i].c))
			return false;
	return true;
}

static bool any_digit(const struct symbol *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (nearest_is_digit(s[i].c))
			return true;
	return false;
}

/* Whether a literal that ends before text[at] would take a number's digits for its own. */
static bool cuts_number(const struct symbol *text, unsigned n, unsigned at)
{
	return at < n && nearest_is_digit(text[at].c) && nearest_is_digit(text[at - 1].c);
}

static unsigned spelled_cost(const struct form *form, unsigned cost)
{
	switch (form->how) {
	case FORM_SPELLED:
		return cost <= (form->n >= SPELLED_SLIPS ? COST_EDIT : 0) ? cost + SPELLED_COST :
									    NEVER;
	case FORM_INITIALS:
		return cost == 0 ? INITIALS_COST : NEVER;
	default:
		return cost;
	}
}

/* "LOL" is not 101, nor "11" LL. */
static bool other_digits(const struct symbol *form, unsigned m, const struct symbol *text,
			 unsigned n)
{
	return all_digits(form, m) ? !any_digit(text, n) : all_digits(text, n);
}

void near_ends_find(const struct dict *dict, const struct form *form, const struct symbol *text,
		      unsigned n, bool whole, struct near_ends *out)
{
	unsigned char cost[SYMBOLS_MAX + 1];
	struct symbol symbol[FORM_MAX];
	unsigned m = dict_symbols(dict, form, symbol), best = NEVER,
		 reach = !whole && n > m + COST_BAND ? m + COST_BAND : n,
		 from = whole ? n : m > COST_BAND ? m - COST_BAND : 1;

	out->n = 0;
	if (m == 1) {	/* taken as it is, or not at all */
		if (form->how == FORM_AS_IS && symbol[0].c == text[0].c && (n == 1 || !whole))
			*out = (struct near_ends){ 1, { 1 }, { 0 } };
		return;
	}
	nearest_cost(symbol, m, text, reach, nearest_limit(symbol, m, whole ? n : m + COST_BAND),
		     cost);
	for (unsigned j = from; j <= reach; j++) {
		bool ok = cost[j] <= nearest_limit(symbol, m, j) &&
			  (!cost[j] ||
			   (!cuts_number(text, n, j) && !other_digits(symbol, m, text, j)));

		cost[j] = ok ? spelled_cost(form, cost[j]) : NEVER;
		best = cost[j] < best ? cost[j] : best;
	}
	for (unsigned j = from; j <= reach && best < NEVER; j++)
		if (cost[j] <= best + DOUBLED) {
			out->at[out->n] = j;
			out->cost[out->n++] = cost[j];
		}
}
