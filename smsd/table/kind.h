/* kind - what an argument may be (`is:`), and its one normal form.  The built-in
 * ones know their shape; every other name is a kind of the vocabulary.  Pure. */
#pragma once
#include "table/match.h"

struct kind_value {
	struct str text;	/* the normal form, in the arena */
	bool known;		/* false: of a vocabulary kind, but no word of it that we know */
};

struct kind {
	const char *name;
	bool vocabulary;	/* its words come from the database */
	unsigned rank;		/* how well it tells values apart, for ties: the higher the better */
	/* The normal form of a span of folded text (no space at its ends); false when it is none
	 * of this kind. Vocabulary kinds give the code of a known word, else the squeezed span. */
	bool (*normal)(const struct kind *kind, struct arena *arena,
		       const struct match_context *context, struct str span,
		       struct kind_value *out_r);
};

/* A built-in kind, or NULL. */
const struct kind *kind_builtin(struct str name);
/* The built-in kind that was probably meant by a name that is none, or NULL. */
const struct kind *kind_near(struct str name);
/* A kind whose words the vocabulary knows; lives in the arena, as name must. */
const struct kind *kind_vocabulary(struct arena *arena, const char *name);

/* What an unknown word of a vocabulary kind must look like when the argument has no pattern:
 * [A-Z0-9\p{Han}]{1,20}. */
bool kind_word_like(struct str squeezed);

/* "msisdn, month, …": for messages. */
const char *kind_names(void);
