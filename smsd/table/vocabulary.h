/* vocabulary - the words that name things of the business (services, events, …)
 * and their codes, as hall_api.vocabulary() lists them.  Immutable, counted by reference. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

struct vocabulary;

struct vocabulary *vocabulary_new(void);
/* Word is folded and squeezed on the way in; a word that names two codes of a kind keeps the first. */
void vocabulary_add(struct vocabulary *vocabulary, struct str kind, struct str word, struct str code);
struct vocabulary *vocabulary_ref(struct vocabulary *vocabulary);
void vocabulary_unref(struct vocabulary **vocabulary);

bool vocabulary_has_kind(const struct vocabulary *vocabulary, struct str kind);
/* The code of a squeezed, folded word (also without the endings 业务 服务 功能 and with digits
 * repaired); NULL str when unknown. */
struct str vocabulary_code(const struct vocabulary *vocabulary, struct str kind, struct str squeezed);

/* Walks all words in no order; start with *cursor = 0; false at the end.  Borrowed from the vocabulary. */
bool vocabulary_next(const struct vocabulary *vocabulary, size_t *cursor, struct str *kind_r, struct str *word_r,
		     struct str *code_r);
