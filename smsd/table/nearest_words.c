/* nearest_words - the vocabulary's words, and those that are near a span of a text (nearest.h). */
#include "table/nearest_private.h"

#include <stdlib.h>

#include "table/kind.h"

struct nearest_words *nearest_words_new(const struct vocabulary *vocabulary)
{
	struct nearest_words *words = mem_alloc(sizeof(*words));
	struct near_word w;
	size_t cursor = 0;

	words->arena = arena_new();
	words->dict = dict_new();
	while (vocabulary_next(vocabulary, &cursor, &w.kind, &w.word, &w.code)) {
		w.kind = arena_str(words->arena, w.kind);
		w.word = arena_str(words->arena, w.word);
		w.code = arena_str(words->arena, w.code);
		words->word = private_grow(words->arena, words->word, words->n, sizeof(w));
		dict_add(words->dict, w.word, false, 0, words->n);
		words->word[words->n++] = w;
	}
	dict_finish(words->dict);
	return words;
}

void nearest_words_free(struct nearest_words **words)
{
	struct nearest_words *w = *words;

	*words = NULL;
	if (!w)
		return;
	dict_free(&w->dict);
	arena_free(&w->arena);
	free(w);
}

static void keep_word(struct near_spelling *s, const struct near_word *word, unsigned cost)
{
	unsigned at = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (str_eq(s->word[i]->code, word->code)) {
			if (s->cost[i] <= cost)
				return;
			for (s->n--; i < s->n; i++) {
				s->word[i] = s->word[i + 1];
				s->cost[i] = s->cost[i + 1];
			}
		}
	while (at < s->n && s->cost[at] <= cost)
		at++;
	if (at == NEAR_WORDS)
		return;
	if (s->n < NEAR_WORDS)
		s->n++;
	for (unsigned i = s->n - 1; i > at; i--) {
		s->word[i] = s->word[i - 1];
		s->cost[i] = s->cost[i - 1];
	}
	s->word[at] = word;
	s->cost[at] = cost;
}

static void look_up_words(const struct near_speller *by, struct near_spelling *s, unsigned end)
{
	const struct dict *dict = by->words->dict;
	const struct symbol *text = by->text->symbol + s->begin;
	const struct form *found[DICT_FOUND_MAX];
	unsigned n = dict_find(dict, text, end - s->begin, true, found);
	struct near_ends ends;

	for (unsigned i = 0; i < n; i++) {
		const struct near_word *word = &by->words->word[found[i]->owner];

		if (!str_eqz(word->kind, s->kind->name))
			continue;
		near_ends_find(dict, found[i], text, end - s->begin, true, &ends);
		if (ends.n)
			keep_word(s, word, ends.cost[0]);
	}
}

/* 业务, 服务, 功能: what people add to a service's name. */
static bool has_ending(const struct near_text *t, unsigned begin, unsigned end)
{
	static const uint32_t ending[][2] = { { 0x4E1A, 0x52A1 },
					      { 0x670D, 0x52A1 },
					      { 0x529F, 0x80FD } };

	for (unsigned i = 0; i < 3 && end - begin > 3; i++)
		if (t->symbol[end - 2].c == ending[i][0] && t->symbol[end - 1].c == ending[i][1])
			return true;
	return false;
}

const struct near_spelling *near_spell(struct near_speller *by, const struct kind *kind,
				       unsigned begin, unsigned end)
{
	static const struct near_spelling none;
	struct near_spelling *s;

	for (unsigned i = 0; i < by->n; i++) {
		s = &by->spelling[i];
		if (s->begin == begin && s->end == end && !strcmp(s->kind->name, kind->name))
			return s;
	}
	if (!by->words || by->n == NEAR_SPELLINGS)
		return &none;
	s = &by->spelling[by->n++];
	*s = (struct near_spelling){ .begin = begin, .end = end, .kind = kind };
	look_up_words(by, s, end);
	if (has_ending(by->text, begin, end))
		look_up_words(by, s, end - 2);
	return s;
}
