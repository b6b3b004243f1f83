/* nearest_cost - how far a typed text is from a form (a wording's fixed part, a word), in quarters
 * of an edit: what fingers and ears confuse costs less than another character.  Pure. */
#pragma once
#include "base/str.h"
#include "table/nearest_sounds.h"

enum {
	COST_EDIT = 4,
	COST_FAR = 99,
	SYMBOLS_MAX = 64,	/* of a text; longer ones are near nothing */
	FORM_MAX = 32,		/* longer forms are not indexed */
	COST_BAND = 2,		/* characters that may be missing or too many */
};

struct symbol {
	uint32_t c;		/* code point */
	uint32_t key;		/* equal for O 0, I L 1, and what sounds about the same */
	struct reading reading;
};

static inline struct symbol nearest_symbol(uint32_t c)
{
	struct reading r = nearest_reading(c);
	uint32_t key = r.first ? 0x200000u + pinyin_blurred[r.first] : c == 'O' ? '0' :
		       c == 'I' || c == 'L' ? '1' : c;

	return (struct symbol){ c, key, r };
}

static inline bool nearest_is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool nearest_is_alnum(uint32_t c)
{
	return nearest_is_digit(c) || (c >= 'A' && c <= 'Z');
}

/* cost[j], j = 0 … n: the form of m symbols against the first j of the text; COST_FAR where the
 * lengths differ by more than COST_BAND, or may be where it is above the limit.  m is at most
 * FORM_MAX, n SYMBOLS_MAX. */
void nearest_cost(const struct symbol *form, unsigned m, const struct symbol *text, unsigned n,
		  unsigned limit, unsigned char cost[SYMBOLS_MAX + 1]);

/* What a form of m symbols may cost against n of a text: nothing at all for one symbol, less for
 * Chinese, where each character means something, than for letters. */
unsigned nearest_limit(const struct symbol *form, unsigned m, unsigned n);

/* The same for several parts together that have n symbols. */
unsigned nearest_limit_whole(unsigned n);
