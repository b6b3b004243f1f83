/* nearest_dict - see nearest_dict.h.  The keys lie in one array, sorted by bucket. */
#include "table/nearest_dict.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

enum {
	HEAD = 6, /* characters that are indexed */
	VARIANTS = 4, /* spellings of one form: 重 is ZHONG and CHONG */
	KEYS_MAX = 64, /* of a form: 1 + 6 + 15; of a text: that for each of its beginnings */
	SEEN = 2048, /* a power of two, well above DICT_FOUND_MAX */
};

struct dict_key {
	uint32_t hash, form;
};

struct dict {
	struct form *form;
	uint32_t *text, *bucket;
	struct dict_key *key;
	unsigned nforms, ntext, forms_room, text_room;
	unsigned nkeys, nbuckets;	/* nbuckets: a power of two */
};

struct dict *dict_new(void)
{
	return mem_alloc(sizeof(struct dict));
}

void dict_free(struct dict **dict)
{
	struct dict *d = *dict;

	*dict = NULL;
	if (!d)
		return;
	free(d->form);
	free(d->text);
	free(d->bucket);
	free(d->key);
	free(d);
}

size_t dict_size(const struct dict *d)
{
	return sizeof(*d) + d->nforms * sizeof(*d->form) + d->ntext * sizeof(*d->text) +
	       d->nbuckets * sizeof(*d->bucket) + d->nkeys * sizeof(*d->key);
}

/* Room for more of a list that grows by doubling. */
static void *more(void *list, unsigned *room, size_t wanted, size_t size)
{
	if (wanted <= *room)
		return list;
	while (*room < wanted)
		*room = *room ? 2 * *room : 64;
	return mem_grow(list, *room * size);
}

static uint64_t mark(uint32_t key)
{
	return (uint64_t)1 << (key * 0x9e3779b1u >> 26);
}

static void add_form(struct dict *d, const uint32_t *c, unsigned n, bool backwards,
		     const struct form *like)
{
	struct form f = *like;

	f.at = d->ntext;
	f.n = n;
	d->text = more(d->text, &d->text_room, d->ntext + n, sizeof(*d->text));
	for (unsigned i = 0; i < n; i++) {
		uint32_t code = c[backwards ? n - 1 - i : i];

		f.marks |= mark(nearest_symbol(code).key);
		d->text[d->ntext++] = code;
	}
	d->form = more(d->form, &d->forms_room, d->nforms + 1, sizeof(*d->form));
	d->form[d->nforms++] = f;
}

/* One spelling: bit k of `second` takes the other reading of the k-th character that has two.
 * Returns its length, 0 when it is too long. */
static unsigned spell(const uint32_t *c, unsigned n, unsigned second, bool initials,
		      uint32_t out[FORM_MAX])
{
	unsigned len = 0;

	for (unsigned i = 0; i < n; i++) {
		struct reading r = nearest_reading(c[i]);
		const char *s;

		if (len == FORM_MAX)
			return 0;
		if (!r.first) {
			out[len++] = c[i];
			continue;
		}
		if (r.second) {
			s = pinyin_syllable[second & 1 ? r.second : r.first];
			second >>= 1;
		} else {
			s = pinyin_syllable[r.first];
		}
		for (; *s && len < FORM_MAX; s++) {
			out[len++] = (unsigned char)*s;
			if (initials)
				break;
		}
		if (*s && !initials)
			return 0;
	}
	return len;
}

static void add_spellings(struct dict *d, const uint32_t *c, unsigned n, bool backwards,
			  struct form *like)
{
	unsigned two = 0, han = 0;
	uint32_t out[FORM_MAX];

	for (unsigned i = 0; i < n; i++) {
		struct reading r = nearest_reading(c[i]);

		han += r.first != 0;
		two += r.second != 0;
	}
	for (unsigned v = 0; han && v < VARIANTS && v < 1u << (two < 8 ? two : 8); v++) {
		unsigned len;

		like->how = FORM_SPELLED;
		if ((len = spell(c, n, v, false, out)) > 0)
			add_form(d, out, len, backwards, like);
		like->how = FORM_INITIALS;
		if (n > 1 && (len = spell(c, n, v, true, out)) > 0)
			add_form(d, out, len, backwards, like);
	}
}

void dict_add(struct dict *d, struct str text, bool backwards, unsigned use, uint32_t owner)
{
	struct form like = { .how = FORM_AS_IS, .use = use, .owner = owner };
	uint32_t c[FORM_MAX];
	unsigned n = 0, bytes;

	for (; text.len; str_skip(&text, bytes)) {
		if (n == FORM_MAX)
			return;
		c[n++] = utf8_decode(text, &bytes);
	}
	if (!n)
		return;
	add_form(d, c, n, backwards, &like);
	add_spellings(d, c, n, backwards, &like);
}

/* Keys. */

struct keys {
	uint32_t hash[KEYS_MAX];
	unsigned n;
};

static void add_key(struct keys *keys, const uint32_t *key, unsigned n, unsigned without,
		    unsigned and_without)
{
	uint32_t h = 0x811c9dc5;

	for (unsigned i = 0; i < n; i++)
		if (i != without && i != and_without)
			h = (h ^ key[i]) * 0x9e3779b1u, h ^= h >> 15;
	if (keys->n < KEYS_MAX)
		keys->hash[keys->n++] = h;
}

/* What is left of n characters when up to `drops` are dropped; never nothing. */
static void add_keys(struct keys *keys, const uint32_t *key, unsigned n, unsigned drops)
{
	add_key(keys, key, n, n, n);
	for (unsigned i = 0; drops > 0 && n > 1 && i < n; i++)
		if (!i || key[i] != key[i - 1])
			add_key(keys, key, n, i, n);
	for (unsigned i = 0; drops > 1 && n > 2 && i < n; i++)
		for (unsigned j = i + 1; j < n; j++)
			add_key(keys, key, n, i, j);
}

static void form_keys(const struct dict *d, const struct form *f, struct keys *keys)
{
	static const unsigned char drops[] = {
		[FORM_AS_IS] = 2, [FORM_SPELLED] = 1, [FORM_INITIALS] = 0,
	};
	uint32_t key[HEAD];
	unsigned n = f->n < HEAD ? f->n : HEAD, most = f->n <= 4 ? 1 : 2;

	for (unsigned i = 0; i < n; i++)
		key[i] = nearest_symbol(d->text[f->at + i]).key;
	keys->n = 0;
	add_keys(keys, key, n, drops[f->how] < most ? drops[f->how] : most);
}

void dict_finish(struct dict *d)
{
	struct keys keys;
	unsigned n = 0;

	for (unsigned i = 0; i < d->nforms; i++) {
		form_keys(d, &d->form[i], &keys);
		n += keys.n;
	}
	for (d->nbuckets = 16; d->nbuckets < n; d->nbuckets *= 2)
		;
	d->nkeys = n;
	d->key = mem_alloc((n + 1) * sizeof(*d->key));
	d->bucket = mem_alloc((d->nbuckets + 1) * sizeof(*d->bucket));
	for (unsigned i = 0; i < d->nforms; i++) {
		form_keys(d, &d->form[i], &keys);
		for (unsigned k = 0; k < keys.n; k++)
			d->bucket[keys.hash[k] & (d->nbuckets - 1)]++;
	}
	for (unsigned b = 1; b <= d->nbuckets; b++)
		d->bucket[b] += d->bucket[b - 1];
	/* Filled from their ends, so that the ends become the beginnings. */
	for (unsigned i = d->nforms; i-- > 0; ) {
		form_keys(d, &d->form[i], &keys);
		for (unsigned k = 0; k < keys.n; k++) {
			unsigned b = keys.hash[k] & (d->nbuckets - 1);

			d->key[--d->bucket[b]] = (struct dict_key){ keys.hash[k], i };
		}
	}
}

unsigned dict_symbols(const struct dict *d, const struct form *f, struct symbol out[FORM_MAX])
{
	for (unsigned i = 0; i < f->n; i++)
		out[i] = nearest_symbol(d->text[f->at + i]);
	return f->n;
}

/* Finding. */

struct finding {
	const struct dict *dict;
	const struct form **found;
	unsigned nfound, n;
	bool whole;
	uint64_t marks;
	uint32_t seen[SEEN];	/* form + 1 */
};

static bool seen_before(struct finding *f, uint32_t form)
{
	uint32_t at = form * 0x9e3779b1u >> 21;

	for (;; at = (at + 1) & (SEEN - 1)) {
		if (f->seen[at] == form + 1)
			return true;
		if (!f->seen[at]) {
			f->seen[at] = form + 1;
			return false;
		}
	}
}

/* A cheap look, which refuses nothing that is near. */
static bool may_be_near(const struct finding *f, const struct form *form)
{
	if (__builtin_popcountll(form->marks & ~f->marks) > 2)
		return false;
	if (form->n > f->n + COST_BAND)
		return false;
	return !f->whole || (f->n <= form->n + 0u + COST_BAND &&
	       __builtin_popcountll(f->marks & ~form->marks) <= 2);
}

static void look_up(struct finding *f, uint32_t hash)
{
	const struct dict *d = f->dict;
	unsigned b = hash & (d->nbuckets - 1);

	for (unsigned k = d->bucket[b]; k < d->bucket[b + 1]; k++) {
		const struct form *form = &d->form[d->key[k].form];

		if (d->key[k].hash != hash || !may_be_near(f, form))
			continue;
		if (f->nfound == DICT_FOUND_MAX)
			return;
		if (!seen_before(f, d->key[k].form))
			f->found[f->nfound++] = form;
	}
}

unsigned dict_find(const struct dict *d, const struct symbol *text, unsigned n, bool whole,
		   const struct form *found[DICT_FOUND_MAX])
{
	struct finding f = { .dict = d, .found = found, .n = n, .whole = whole };
	struct keys keys = { .n = 0 };
	uint32_t key[HEAD];

	for (unsigned i = 0; i < n; i++)
		f.marks |= mark(text[i].key);
	for (unsigned i = 0; i < n && i < HEAD; i++)
		key[i] = text[i].key;
	for (unsigned p = n < HEAD ? n : HEAD; p > 0; p--)
		add_keys(&keys, key, p, p < 5 ? 1 : 2);
	for (unsigned i = 0; i < keys.n && d->nforms; i++)
		look_up(&f, keys.hash[i]);
	return f.nfound;
}
