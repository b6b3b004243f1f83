/* nearest - what an unrecognised text probably meant: "did you mean".
 *
 * The text, also without courtesies at its ends, is compared with the wordings of its port and
 * province: typing slips (neighbouring keys, characters swapped, doubled, missing), O 0, l 1,
 * Chinese characters that sound alike, wordings in pinyin or its initials, misspelled words of the
 * vocabulary, arguments swapped or glued together.  Numbers, months and sums are never
 * guessed: they are taken as typed.  Nothing is offered for a text that negates, asks or tells what
 * the wording does not, or that is understood as it is.  What only patterns (`match`) take, and
 * small talk, is not offered.  Pure; work and memory are bounded whatever the text. */
#pragma once
#include "table/match.h"

enum { NEAREST_MAX = 3 };

struct nearest_hit {
	const struct command *command;
	struct str text;	/* folded: match_text() takes it to the command or its usage */
	struct str shown;	/* the same for people: secrets hidden, "CZ ***" */
	unsigned distance;	/* in edits, rounded up: from 1 */
	bool usage;		/* the command's word alone: its arguments are missing */
	bool secret;		/* text holds a secret */
};

struct nearest {
	unsigned n;
	/* By distance, then risk; none that is an edit farther than the nearest. */
	struct nearest_hit hit[NEAREST_MAX];
	bool clear;	/* hit[0] stands out: near for its length, and nothing else is */
};

/* The wordings, for one version of the tables, which must outlive it. */
struct nearest_index;
struct nearest_index *nearest_index_new(const struct tables *tables);
void nearest_index_free(struct nearest_index **index);
size_t nearest_index_size(const struct nearest_index *index);	/* bytes */

/* The words of a vocabulary, which may go. */
struct nearest_words;
struct nearest_words *nearest_words_new(const struct vocabulary *vocabulary);
void nearest_words_free(struct nearest_words **words);

/* What the folded text may have meant; n is 0 for most texts that are no command.  words may be
 * NULL: no word is near then.  The strings live in the arena. */
void nearest_find(const struct nearest_index *index, const struct nearest_words *words,
		  const struct match_context *context, struct arena *arena, struct str folded,
		  struct nearest *out_r);
