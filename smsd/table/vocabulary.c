/* vocabulary - see vocabulary.h.  One map for all kinds, keyed by the kind, a NUL and the word. */
#include "table/vocabulary.h"

#include <stdlib.h>

#include "base/map.h"
#include "text/fold.h"

enum { KEY_MAX = 512 };

struct vocabulary {
	int refs;
	struct arena *arena;
	struct map *kinds, *words;
};

struct vocabulary *vocabulary_new(void)
{
	struct vocabulary *vocabulary = mem_alloc(sizeof(*vocabulary));

	vocabulary->refs = 1;
	vocabulary->arena = arena_new();
	vocabulary->kinds = map_new();
	vocabulary->words = map_new();
	return vocabulary;
}

struct vocabulary *vocabulary_ref(struct vocabulary *vocabulary)
{
	if (vocabulary)
		vocabulary->refs++;
	return vocabulary;
}

void vocabulary_unref(struct vocabulary **vocabulary)
{
	struct vocabulary *v = *vocabulary;

	*vocabulary = NULL;
	if (!v || --v->refs > 0)
		return;
	map_free(&v->kinds);
	map_free(&v->words);
	arena_free(&v->arena);
	free(v);
}

/* Empty when it is too long to be anybody's word. */
static struct str key(char room[KEY_MAX], struct str kind, struct str word)
{
	size_t len = kind.len + 1 + word.len;

	if (len > KEY_MAX)
		return STR("");
	memcpy(room, kind.ptr, kind.len);
	room[kind.len] = '\0';
	memcpy(room + kind.len + 1, word.ptr, word.len);
	return str_n(room, len);
}

void vocabulary_add(struct vocabulary *v, struct str kind, struct str word, struct str code)
{
	struct str squeezed = fold_squeeze(v->arena, fold_text(v->arena, word)), name;
	char room[KEY_MAX];
	struct str k = key(room, kind, squeezed);

	if (!kind.len || !squeezed.len || !k.len)
		return;
	name = arena_str(v->arena, kind);
	map_put(v->kinds, name, (void *)name.ptr);
	if (map_get(v->words, k))
		return;
	struct str *value = arena_alloc(v->arena, sizeof(*value));
	*value = arena_str(v->arena, code);
	map_put(v->words, arena_str(v->arena, k), value);
}

bool vocabulary_has_kind(const struct vocabulary *vocabulary, struct str kind)
{
	return vocabulary && map_get(vocabulary->kinds, kind);
}

static struct str look_up(const struct vocabulary *v, struct str kind, struct str word)
{
	char room[KEY_MAX];
	struct str k = key(room, kind, word);
	const struct str *code = k.len && word.len ? map_get(v->words, k) : NULL;

	return code ? *code : (struct str){ 0 };
}

/* The word as it is, then without what people add to a service's name. */
static struct str look_up_bare(const struct vocabulary *v, struct str kind, struct str word)
{
	static const struct str ending[] = { { "业务", 6 }, { "服务", 6 }, { "功能", 6 } };
	struct str code = look_up(v, kind, word);

	for (unsigned i = 0; i < 3 && !code.ptr; i++)
		if (str_ends(word, ending[i]))
			code = look_up(v, kind, str_n(word.ptr, word.len - ending[i].len));
	return code;
}

static bool may_hold_letters_for_digits(struct str word)
{
	return memchr(word.ptr, 'O', word.len) || memchr(word.ptr, 'I', word.len) ||
	       memchr(word.ptr, 'L', word.len);
}

struct str vocabulary_code(const struct vocabulary *v, struct str kind, struct str squeezed)
{
	struct str code = { 0 };

	if (!v || squeezed.len > KEY_MAX)
		return code;
	code = look_up_bare(v, kind, squeezed);
	if (code.ptr || !may_hold_letters_for_digits(squeezed))
		return code;
	struct arena *scratch = arena_new();
	struct str repaired = fold_digits(scratch, squeezed);
	if (!str_eq(repaired, squeezed))
		code = look_up_bare(v, kind, repaired);
	arena_free(&scratch);
	return code;
}

bool vocabulary_next(const struct vocabulary *v, size_t *cursor, struct str *kind_r, struct str *word_r,
		     struct str *code_r)
{
	struct str k;
	const struct str *code = v ? map_next(v->words, cursor, &k) : NULL;

	if (!code)
		return false;
	*kind_r = str_n(k.ptr, strlen(k.ptr));	/* a NUL parts them */
	*word_r = str_n(k.ptr + kind_r->len + 1, k.len - kind_r->len - 1);
	*code_r = *code;
	return true;
}
