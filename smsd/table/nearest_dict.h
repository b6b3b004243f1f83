/* nearest_dict - strings, found by what is typed nearly like them: each is indexed by what is left
 * of its first six characters when up to two of them are dropped, and so is the text.  Immutable
 * once finished; used by nearest_index.c, nearest_words.c and nearest.c. */
#pragma once
#include "table/nearest_cost.h"

enum {
	DICT_FOUND_MAX = 512,	/* forms looked at for one text */
};

enum form_how { FORM_AS_IS, FORM_SPELLED, FORM_INITIALS };	/* 余额, YUE, YE */

struct form {
	uint32_t at;		/* its code points, in dict->text */
	uint8_t n;
	uint8_t how;		/* enum form_how */
	uint16_t use;		/* the user's own: what it is, */
	uint32_t owner;		/* and which */
	uint64_t marks;		/* which keys it has: a bit each, many share one */
};

struct dict;

struct dict *dict_new(void);
void dict_free(struct dict **dict);

/* Adds a form of squeezed folded text, and with all the ways in which its Chinese characters may be
 * spelled (pinyin) or shortened (initials).  What is longer than FORM_MAX is not taken. backwards:
 * the index begins at its end. */
void dict_add(struct dict *dict, struct str text, bool backwards, unsigned use, uint32_t owner);

void dict_finish(struct dict *dict);

/* The forms that may be near the text (whole), or near something it begins with; each once, at most
 * DICT_FOUND_MAX.  Returns their number. */
unsigned dict_find(const struct dict *dict, const struct symbol *text, unsigned n, bool whole,
		   const struct form *found[DICT_FOUND_MAX]);

/* The form's symbols; they stand backwards where they were added so. */
unsigned dict_symbols(const struct dict *dict, const struct form *form, struct symbol out[FORM_MAX]);

size_t dict_size(const struct dict *dict);	/* bytes of memory */
