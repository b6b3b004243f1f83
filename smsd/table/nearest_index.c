/* nearest_index - the wordings and words, ready to be compared (nearest.h).  Built when a version of
 * the tables is taken over: a few µs and some 400 bytes a wording, spelled in all ways. */
#include "table/nearest_private.h"

#include <stdlib.h>

#include "text/fold.h"
#include "text/utf8.h"

#define GAP "\xee\x80\x80"	/* U+E000: stands for a space that folding must not see */

static void add_shape(struct arena *arena, struct near_shapes *to, struct near_shape shape)
{
	to->list = private_grow(arena, to->list, to->n, sizeof(*to->list));
	to->list[to->n++] = shape;
}

static int by_tail(const void *a, const void *b)
{
	uint32_t x = ((const struct near_shape *)a)->tail, y = ((const struct near_shape *)b)->tail;

	return (x > y) - (x < y);
}

static void sort_shapes(struct near_shapes *shapes)
{
	if (shapes->n)
		qsort(shapes->list, shapes->n, sizeof(*shapes->list), by_tail);
}

/* Tables hold slips too (开痛): what a command wrote first is what is shown.  Skeletons of one
 * wording lie in the order in which they stand in it. */
static bool earlier(const struct entry *a, const struct entry *b)
{
	uint32_t x = (uint32_t)a->rank, y = (uint32_t)b->rank;	/* falls with their order */

	return x != y ? x > y : a->skeleton < b->skeleton;
}

struct str nearest_sound_key(struct arena *arena, const struct command *command, struct str literal)
{
	uint32_t *key = arena_alloc(arena, (literal.len + 1) * sizeof(*key));
	unsigned n = 0, bytes;

	key[n++] = command->index;
	for (; literal.len; str_skip(&literal, bytes))
		key[n++] = nearest_symbol(utf8_decode(literal, &bytes)).key;
	return str_n((const char *)key, n * sizeof(*key));
}

static void add_proper(struct nearest_index *index, const struct entry *entry)
{
	struct str literal = entry->skeleton->element[0].literal, key;
	const struct entry *known;

	if (!literal.ptr || (unsigned char)*literal.ptr < 0x80)
		return;
	key = nearest_sound_key(index->arena, entry->command, literal);
	known = map_get(index->proper, key);
	if (!known || earlier(entry, known))
		map_put(index->proper, key, (void *)entry);
}

static void add_exact(struct nearest_index *index, struct near_port *to, const struct port *port)
{
	size_t cursor = 0;
	struct entry *entry;
	struct str text;

	to->exact = arena_alloc(index->arena, (map_count(port->exact) + 1) * sizeof(*to->exact));
	while ((entry = map_next(port->exact, &cursor, &text))) {
		for (const struct entry *e = entry; e; e = e->next)
			add_proper(index, e);
		dict_add(to->heads, text, false, NEAR_EXACT, to->nexact);
		to->exact[to->nexact++] = entry;
	}
}

struct building {
	struct nearest_index *index;
	struct near_port *to;
	struct map *leads, *tails;	/* literal to number + 1 */
};

static void add_leads(struct building *b, const struct port *port)
{
	struct near_port *to = b->to;
	size_t cursor = 0;
	struct lead *lead;

	to->lead = arena_alloc(b->index->arena, (map_count(port->lead) + 1) * sizeof(*to->lead));
	while ((lead = map_next(port->lead, &cursor, NULL))) {
		to->lead[to->nleads].lead = lead;
		dict_add(to->heads, lead->literal, false, NEAR_LEAD, to->nleads);
		map_put(b->leads, lead->literal, (void *)(uintptr_t)++to->nleads);
	}
}

static uint32_t tail_number(struct building *b, struct str literal)
{
	struct near_port *to = b->to;
	uintptr_t number = (uintptr_t)map_get(b->tails, literal);

	if (number)
		return number - 1;
	to->tail = private_grow(b->index->arena, to->tail, to->ntails, sizeof(*to->tail));
	dict_add(to->tails, literal, true, 0, to->ntails);
	map_put(b->tails, literal, (void *)(uintptr_t)(to->ntails + 1));
	return to->ntails++;
}

static void add_entry(struct building *b, const struct entry *entry)
{
	const struct skeleton *s = entry->skeleton;
	struct str lead = s->element[0].literal, tail = s->element[s->n - 1].literal;
	struct near_shape shape = { entry, tail.ptr ? tail_number(b, tail) : NO_TAIL };
	struct near_shapes *to = &b->to->bare;

	if (lead.ptr)
		to = &b->to->lead[(uintptr_t)map_get(b->leads, lead) - 1].shapes;
	else if (tail.ptr)
		to = &b->to->tail[shape.tail];
	add_shape(b->index->arena, to, shape);
	add_proper(b->index, entry);
}

static void add_port(struct nearest_index *index, const struct port *port)
{
	struct near_port *to = &index->port[index->nports++];
	struct building b = { index, to, map_new(), map_new() };
	size_t cursor = 0;
	struct entry *first;

	to->number = port->number;
	to->heads = dict_new();
	to->tails = dict_new();
	add_exact(index, to, port);
	add_leads(&b, port);
	while ((first = map_next(port->ends, &cursor, NULL)))
		for (const struct entry *e = first; e; e = e->next)
			add_entry(&b, e);
	for (unsigned i = 0; i < to->nleads; i++)
		sort_shapes(&to->lead[i].shapes);
	map_free(&b.leads);
	map_free(&b.tails);
	dict_finish(to->heads);
	dict_finish(to->tails);
}

/* Literals are kept without their spaces.  To show them with them, the wordings are expanded once
 * more, their spaces made a character that folding keeps. */

static bool in_literal(struct str s, size_t i)
{
	while (i-- > 0)
		if (s.ptr[i] == '{' || s.ptr[i] == '}')
			return s.ptr[i] == '}';
	return true;
}

static struct str with_gaps(struct arena *arena, struct str wording)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < wording.len; i++)
		if (wording.ptr[i] == ' ' && in_literal(wording, i))
			buf_z(&out, GAP);
		else
			buf_char(&out, wording.ptr[i]);
	struct str s = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return s;
}

/* The literal with one space for each run of gaps inside it. */
static struct str spaces_for_gaps(struct arena *arena, struct str literal)
{
	char *out = arena_alloc(arena, literal.len + 1), *to = out;

	while (literal.len) {
		if (!str_starts(literal, STR(GAP))) {
			*to++ = *literal.ptr;
			str_skip(&literal, 1);
			continue;
		}
		if (to > out && to[-1] != ' ')
			*to++ = ' ';
		str_skip(&literal, strlen(GAP));
	}
	return str_trim(str_n(out, to - out));
}

static void no_error(void *arg, size_t offset, const char *text)
{
	(void)arg, (void)offset, (void)text;
}

/* "CXYE" beside "CX YE" is shown as it is: the shorter way of writing wins. */
static void add_spaced(struct nearest_index *index, struct arena *scratch, struct str literal)
{
	struct str spaced = spaces_for_gaps(scratch, literal),
		   bare = fold_squeeze(scratch, spaced);
	struct str *known = bare.len ? map_get(index->spaced, bare) : NULL;

	if (!bare.len || (known && known->len <= spaced.len))
		return;
	if (!known) {
		known = arena_alloc(index->arena, sizeof(*known));
		map_put(index->spaced, arena_str(index->arena, bare), known);
	}
	*known = arena_str(index->arena, spaced);
}

static void add_spaces(struct nearest_index *index, const struct command *command,
		       const char *wording)
{
	struct arena *scratch;
	struct skeleton *list;
	unsigned named = 0, n;

	if (!strchr(wording, ' '))
		return;
	scratch = arena_new();
	n = wording_expand(scratch, with_gaps(scratch, str_z(wording)), command, no_error, NULL,
			   &list, &named);
	for (unsigned i = 0; i < n; i++)
		for (unsigned e = 0; e < list[i].n; e++)
			if (list[i].element[e].literal.ptr)
				add_spaced(index, scratch, list[i].element[e].literal);
	arena_free(&scratch);
}

struct nearest_index *nearest_index_new(const struct tables *tables)
{
	struct nearest_index *index = mem_alloc(sizeof(*index));
	const struct matcher *m = tables->matcher;

	index->tables = tables;
	index->arena = arena_new();
	index->spaced = map_new();
	index->proper = map_new();
	index->port = arena_alloc(index->arena, (m->nports + 1) * sizeof(*index->port));
	for (unsigned i = 0; i < m->nports; i++)
		add_port(index, m->port[i]);
	for (unsigned i = 0; i < tables->ncommands; i++) {
		const struct command_own *c = own(tables)->own[i];

		for (unsigned k = 0; k < c->nsay; k++)
			add_spaces(index, tables->command[i], c->say[k].text);
	}
	return index;
}

void nearest_index_free(struct nearest_index **index)
{
	struct nearest_index *x = *index;

	*index = NULL;
	if (!x)
		return;
	for (unsigned i = 0; i < x->nports; i++) {
		dict_free(&x->port[i].heads);
		dict_free(&x->port[i].tails);
	}
	map_free(&x->spaced);
	map_free(&x->proper);
	arena_free(&x->arena);
	free(x);
}

size_t nearest_index_size(const struct nearest_index *index)
{
	size_t size = arena_size(index->arena);

	for (unsigned i = 0; i < index->nports; i++)
		size += dict_size(index->port[i].heads) + dict_size(index->port[i].tails);
	return size;
}
