/* nearest_private - what the files nearest*.c share. */
#pragma once
#include "table/matcher.h"
#include "table/nearest.h"
#include "table/nearest_dict.h"

enum { NEAR_GUESSES = 8, NEAR_TEXT_MAX = 24, NO_TAIL = 0xffffffff };

/* Index (nearest_index.c). */

enum near_use { NEAR_EXACT, NEAR_LEAD };	/* of a form among the heads */

struct near_shape {		/* a wording with arguments */
	const struct entry *entry;
	uint32_t tail;		/* among the port's tails, or NO_TAIL */
};

struct near_shapes {
	unsigned n;
	struct near_shape *list;	/* of a lead: sorted by tail */
};

struct near_lead {		/* a literal that wordings begin with */
	const struct lead *lead;
	struct near_shapes shapes;
};

struct near_port {
	struct str number;
	struct dict *heads, *tails;
	unsigned nexact, nleads, ntails;
	const struct entry **exact;	/* wordings without arguments; each the first of its text */
	struct near_lead *lead;
	struct near_shapes *tail;	/* what begins with an argument and ends in this literal */
	struct near_shapes bare;	/* what does both with an argument */
};

struct nearest_index {
	const struct tables *tables;
	struct arena *arena;
	unsigned nports;
	struct near_port *port;		/* as matcher->port */
	struct map *spaced;		/* literal to struct str: "HOWMUCH" to "HOW MUCH" */
	struct map *proper;		/* nearest_sound_key() to the entry of the first literal */
};

/* What a command's literals that sound the same (开通, 开痛) have in common; in the arena. */
struct str nearest_sound_key(struct arena *arena, const struct command *command, struct str literal);

struct near_word {
	struct str kind, word, code;
};

struct nearest_words {
	struct arena *arena;
	struct dict *dict;
	unsigned n;
	struct near_word *word;
};

/* The text (nearest_text.c). */

struct near_text {
	struct str folded;
	unsigned n;		/* symbols; spaces are none */
	struct symbol symbol[SYMBOLS_MAX];
	unsigned short begin[SYMBOLS_MAX], end[SYMBOLS_MAX];	/* their bytes in folded */
	char squeezed[SYMBOLS_MAX * 4];
	unsigned short at[SYMBOLS_MAX + 1];	/* where each begins in squeezed */
};

/* False when it is too short or its weight is above NEAR_TEXT_MAX. */
bool near_text_read(struct near_text *text, struct str folded);
/* The symbols between the courtesies at both ends; there are some. */
void near_text_strip(const struct near_text *text, const struct matcher *matcher, unsigned *from_r,
		     unsigned *to_r);
/* Whether the text is nothing but one. */
bool near_text_courtesy(const struct near_text *text, const struct matcher *matcher);
/* How many of the symbols from … to tell something: a long number counts as one. */
unsigned near_text_weight(const struct near_text *text, unsigned from, unsigned to);
/* Whether a space or an end stands before symbol i. */
bool near_text_apart(const struct near_text *text, unsigned i);
/* Whether, of the text's symbols from … to and the guess, one negates and the other does not, or the
 * text asks or tells what the guess does not; where something would be done (strict), neither may. */
bool near_text_doubts(struct arena *arena, const struct near_text *text, unsigned from, unsigned to,
		      struct str guess, bool strict);

/* Ends (nearest_ends.c). */

struct near_ends {		/* after how many symbols a form may end, and at what cost */
	unsigned n;
	unsigned char at[2 * COST_BAND + 1], cost[2 * COST_BAND + 1];
};

/* The cheapest ends and those that cost little more (a character doubled); none when the form is not
 * near.  whole: it must take all n symbols of the text. */
void near_ends_find(const struct dict *dict, const struct form *form, const struct symbol *text,
		    unsigned n, bool whole, struct near_ends *out_r);

/* Words (nearest_words.c). */

enum { NEAR_SPELLINGS = 16, NEAR_WORDS = 2 };

struct near_spelling {		/* the words of a kind that are near a span of the text */
	unsigned begin, end, n;
	const struct kind *kind;
	const struct near_word *word[NEAR_WORDS];	/* the nearest first */
	unsigned char cost[NEAR_WORDS];
};

struct near_speller {		/* remembers what was looked up; of more spans nothing is known */
	const struct nearest_words *words;
	const struct near_text *text;
	unsigned n;
	struct near_spelling spelling[NEAR_SPELLINGS];
};

const struct near_spelling *near_spell(struct near_speller *speller, const struct kind *kind,
				       unsigned begin, unsigned end);

/* Guesses (nearest_guess.c). */

struct near_value {
	struct str text;	/* to be put in */
	struct str normal;	/* as match_text() must give it; ptr NULL: not given */
};

struct near_guess {
	const struct entry *entry;
	struct near_value value[ARGS_MAX];
	unsigned cost;
	bool usage, proper;	/* proper: its first literal as the table writes it first */
	struct str text;
};

struct near_guesses {
	const struct nearest_index *index;
	const struct match_context *context;
	struct arena *arena;
	const struct near_text *text;
	unsigned from, to;	/* symbols that are being compared: without courtesies, or all */
	bool understood;	/* nothing is wrong with the text */
	unsigned n;
	struct near_guess guess[NEAR_GUESSES];	/* the cheapest first */
};

void near_guess_add(struct near_guesses *guesses, const struct near_guess *guess);
/* Keeps those that match_text() takes to their command. */
void near_guess_choose(struct near_guesses *guesses, struct nearest *out_r);
