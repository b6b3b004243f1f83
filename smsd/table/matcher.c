/* matcher - see matcher.h. */
#include "table/matcher.h"

#include <stdlib.h>

#include "table/kind.h"
#include "table/pattern.h"
#include "text/fold.h"

struct builder {
	struct tables_own *tables;
	struct problems *problems;
	struct matcher *matcher;
	struct arena *arena;
	const struct command *command;
	const struct command_own *own;
	const struct phrase *phrase;
	unsigned order;		/* of wordings, over all tables */
	bool claimed;		/* the wording's trouble was told */
};

struct claim {
	const struct entry *entry;
	struct place place;
	struct claim *next;
};

static struct place place_in(const struct builder *b, const struct phrase *phrase, size_t offset)
{
	struct place place = { b->own->table->file, phrase->node->line, phrase->node->column };

	if (offset)
		yaml_where(phrase->node, offset, &place.line, &place.column);
	return place;
}

struct str ends_key(struct arena *arena, struct str lead, struct str tail)
{
	char *key = arena_alloc(arena, lead.len + 1 + tail.len);

	if (lead.len)
		memcpy(key, lead.ptr, lead.len);
	key[lead.len] = '\1';
	if (tail.len)
		memcpy(key + lead.len + 1, tail.ptr, tail.len);
	return str_n(key, lead.len + 1 + tail.len);
}

/* Keeps a list of lengths, the longest first. */
static void add_length(struct arena *arena, unsigned **list, unsigned *n, unsigned length)
{
	unsigned at = 0, *bigger;

	while (at < *n && (*list)[at] > length)
		at++;
	if (at < *n && (*list)[at] == length)
		return;
	bigger = arena_alloc(arena, (*n + 1) * sizeof(*bigger));
	for (unsigned i = 0; i < *n; i++)
		bigger[i + (i >= at)] = (*list)[i];
	bigger[at] = length;
	*list = bigger;
	(*n)++;
}

static struct port *port_of(struct builder *b, struct str number)
{
	struct matcher *m = b->matcher;
	struct port *port;
	unsigned at = 0;

	for (unsigned i = 0; i < m->nports; i++)
		if (str_eq(m->port[i]->number, number))
			return m->port[i];
	port = arena_alloc(b->arena, sizeof(*port));
	port->number = number;
	port->exact = map_new();
	port->lead = map_new();
	port->ends = map_new();
	port->claims = map_new();
	m->port = mem_grow(m->port, (m->nports + 1) * sizeof(*m->port));
	while (at < m->nports && m->port[at]->number.len >= number.len)
		at++;
	memmove(m->port + at + 1, m->port + at, (m->nports - at) * sizeof(*m->port));
	m->port[at] = port;
	m->nports++;
	return port;
}

/* More fixed text, then the province's own, then arguments that tell more, then the order of the
 * tables. */
static uint64_t rank(const struct builder *b, const struct skeleton *s)
{
	uint64_t strict = 0, kinds = 0, patterns = 0, fixed = s->fixed < 0xffff ? s->fixed : 0xffff;

	for (unsigned i = 0; i < s->n; i++) {
		const struct command_arg *arg = &b->command->arg[s->element[i].arg];

		if (s->element[i].literal.ptr)
			continue;
		strict += s->element[i].strict;
		kinds += arg->kind->rank;
		patterns += arg->pattern != NULL;
	}
	return fixed << 47 | (uint64_t)(b->command->province.len > 0) << 46 | strict << 42 |
	       kinds << 36 | patterns << 32 | (0xffffffff - b->order);
}

/* Values of these kinds have a shape of their own. */
static bool shaped(const struct kind *kind)
{
	return kind->rank > 2;
}

/* Whether a text could be meant for both: an argument's kind or pattern may tell them apart. */
static bool overlap(const struct entry *a, const struct entry *b)
{
	for (unsigned i = 0; i < a->skeleton->n; i++) {
		const struct element *x = &a->skeleton->element[i], *y = &b->skeleton->element[i];

		if (x->literal.ptr)
			continue;
		const struct command_arg *v = &a->command->arg[x->arg],
					 *w = &b->command->arg[y->arg];
		bool same = !strcmp(v->kind->name, w->kind->name), patterns_differ =
			v->pattern && w->pattern && strcmp(v->pattern, w->pattern);

		if (x->strict != y->strict || (x->strict && !same) || patterns_differ)
			return false;
		if (!same && shaped(v->kind) && shaped(w->kind))
			return false;
	}
	return true;
}

static bool apart(const struct str *a, unsigned n, const struct str *b, unsigned m)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < m; k++)
			if (str_eq(a[i], b[k]))
				return false;
	return n && m;
}

/* Whether no customer may use both. */
static bool for_others(const struct command *a, const struct command *b)
{
	const struct audience *x = a->audience, *y = b->audience;

	return x && y && (apart(x->brand, x->nbrands, y->brand, y->nbrands) ||
			  apart(x->province, x->nprovinces, y->province, y->nprovinces) ||
			  apart(x->link, x->nlinks, y->link, y->nlinks));
}

static struct str claim_key(struct builder *b, const struct entry *entry)
{
	return ends_key(b->arena, b->command->province.ptr ? b->command->province : STR(""),
			skeleton_key(b->arena, entry->skeleton, false));
}

static void claim(struct builder *b, struct port *port, struct entry *entry)
{
	struct str key = claim_key(b, entry);
	struct claim *first = map_get(port->claims, key), *new;

	for (struct claim *c = first; c; c = c->next) {
		if (b->claimed || c->entry->command == entry->command || !overlap(c->entry, entry) ||
		    for_others(c->entry->command, entry->command))
			continue;
		problem_add(b->problems, PROBLEM_ERROR, place_in(b, b->phrase, 0),
			    "wording '%s' is claimed by %s too, as '%s' in %s:%u:%u (remove one of"
			    " them, or make one longer)", private_shown(b->arena, entry->wording),
			    c->entry->command->id, private_shown(b->arena, c->entry->wording),
			    c->place.file, c->place.line, c->place.column);
		b->claimed = true;
	}
	new = arena_alloc(b->arena, sizeof(*new));
	*new = (struct claim){ entry, place_in(b, b->phrase, 0), first };
	map_put(port->claims, key, new);
}

static void link_entry(struct map *map, struct str key, struct entry *entry)
{
	struct entry *first = map_get(map, key), **at = &first;

	while (*at && (*at)->rank > entry->rank)
		at = &(*at)->next;
	entry->next = *at;
	*at = entry;
	map_put(map, key, first);
}

static struct lead *lead_of(struct builder *b, struct port *port, struct str literal)
{
	struct lead *lead = map_get(port->lead, literal);

	if (lead)
		return lead;
	lead = arena_alloc(b->arena, sizeof(*lead));
	lead->literal = literal;
	map_put(port->lead, literal, lead);
	add_length(b->arena, &port->length, &port->nlengths, literal.len);
	return lead;
}

static void add_usage(struct builder *b, struct lead *lead, const struct entry *entry)
{
	struct usage **at = &lead->usage, *new;

	for (; *at; at = &(*at)->next)
		if (str_eq((*at)->entry->command->province, entry->command->province)) {
			if ((*at)->entry->rank < entry->rank)
				(*at)->entry = entry;
			return;
		}
	new = arena_alloc(b->arena, sizeof(*new));
	new->entry = entry;
	*at = new;
}

static struct str end_literal(const struct skeleton *s, unsigned element)
{
	return s->element[element].literal.ptr ? s->element[element].literal : STR("");
}

static void add_skeleton(struct builder *b, struct port *port, const struct skeleton *s)
{
	struct entry *entry = arena_alloc(b->arena, sizeof(*entry));

	b->tables->tables.command[b->command->index]->bare |= skeleton_exact(s);
	*entry = (struct entry){ b->command, b->phrase->text, s, rank(b, s), NULL };
	claim(b, port, entry);
	if (skeleton_exact(s)) {
		link_entry(port->exact, s->element[0].literal, entry);
		return;
	}
	struct lead *lead = lead_of(b, port, end_literal(s, 0));
	struct str tail = end_literal(s, s->n - 1);
	add_length(b->arena, &lead->tail, &lead->ntails, tail.len);
	link_entry(port->ends, ends_key(b->arena, lead->literal, tail), entry);
	if (lead->literal.len && (b->command->usage.source[LANG_ZH].ptr || b->command->nsteps))
		add_usage(b, lead, entry);
}

static void wording_error(void *arg, size_t offset, const char *text)
{
	struct builder *b = arg;

	problem_add(b->problems, PROBLEM_ERROR, place_in(b, b->phrase, offset), "%s", text);
}

static void add_wording(struct builder *b, const struct phrase *phrase, unsigned *named)
{
	struct skeleton *list;

	b->phrase = phrase;
	b->claimed = false;
	b->order++;
	unsigned n = wording_expand(b->arena, str_z(phrase->text), b->command, wording_error, b,
				    &list, named);
	for (unsigned p = 0; p < b->own->table->nports; p++) {
		struct port *port = port_of(b, b->own->table->port[p]);

		for (unsigned i = 0; i < n; i++)
			add_skeleton(b, port, &list[i]);
	}
}

static void name_groups(struct builder *b, struct pattern_entry *entry, unsigned *named)
{
	struct str name;
	unsigned group, k;

	memset(entry->arg, -1, sizeof(entry->arg));
	for (unsigned i = 0; pattern_name(entry->code, i, &name, &group); i++) {
		for (k = 0; k < b->command->nargs; k++)
			if (str_eqz(name, b->command->arg[k].name))
				break;
		if (k == b->command->nargs) {
			problem_add(b->problems, PROBLEM_ERROR, place_in(b, b->phrase, 0),
				    "the group '%.*s' is no argument (add it to args, or write"
				    " (?:…))", STR_ARG(name));
			continue;
		}
		entry->arg[group] = (signed char)k;
		*named |= 1u << k;
	}
}

static void list_pattern(struct builder *b, struct pattern_list *list, struct pattern_entry *entry)
{
	list->entry = private_grow(b->arena, list->entry, list->n, sizeof(*list->entry));
	list->entry[list->n++] = entry;
}

static void add_pattern(struct builder *b, const struct phrase *phrase, unsigned *named)
{
	struct pattern_entry *entry = arena_alloc(b->arena, sizeof(*entry));
	bool first[256];

	b->phrase = phrase;
	if (!phrase->code)	/* refused, and told */
		return;
	*entry = (struct pattern_entry){ b->command, phrase->text, phrase->code, { 0 } };
	name_groups(b, entry, named);
	pattern_first_bytes(str_z(phrase->text), first);
	for (unsigned p = 0; p < b->own->table->nports; p++) {
		struct port *port = port_of(b, b->own->table->port[p]);

		for (unsigned c = 0; c < 256; c++)
			if (first[c])
				list_pattern(b, &port->first[c], entry);
	}
}

/* Patterns are tried in the order of their lists: the provinces' come first. */
static void add_patterns(struct builder *b, bool province)
{
	for (unsigned i = 0; i < b->tables->tables.ncommands; i++) {
		struct command_own *own = b->tables->own[i];

		b->command = b->tables->tables.command[i];
		b->own = own;
		for (unsigned k = 0; k < own->nmatch; k++)
			if ((b->command->province.len > 0) == province)
				add_pattern(b, &own->match[k], &own->named);
	}
}

static void add_courtesies(struct builder *b, struct phrases *to, const struct phrase *list,
			   unsigned n)
{
	to->map = map_new();
	for (unsigned i = 0; i < n; i++) {
		struct str s = fold_squeeze(b->arena, fold_text(b->arena, str_z(list[i].text)));

		if (!s.len)
			continue;
		map_put(to->map, s, (void *)&list[i]);
		add_length(b->arena, &to->length, &to->nlengths, s.len);
	}
}

struct matcher *matcher_new(struct tables *tables, struct problems *problems)
{
	struct matcher *matcher = mem_alloc(sizeof(*matcher));
	struct builder b = { own(tables), problems, matcher, tables->arena };

	for (unsigned i = 0; i < tables->ncommands; i++) {
		struct command_own *c = own(tables)->own[i];

		b.command = tables->command[i];
		b.own = c;
		for (unsigned k = 0; k < c->nsay; k++)
			add_wording(&b, &c->say[k], &c->named);
	}
	add_patterns(&b, true);
	add_patterns(&b, false);
	add_courtesies(&b, &matcher->before, own(tables)->before, own(tables)->nbefore);
	add_courtesies(&b, &matcher->after, own(tables)->after, own(tables)->nafter);
	for (unsigned i = 0; i < matcher->nports; i++)
		map_free(&matcher->port[i]->claims);
	return matcher;
}

void matcher_free(struct matcher **matcher)
{
	struct matcher *m = *matcher;

	*matcher = NULL;
	if (!m)
		return;
	for (unsigned i = 0; i < m->nports; i++) {
		map_free(&m->port[i]->exact);
		map_free(&m->port[i]->lead);
		map_free(&m->port[i]->ends);
	}
	map_free(&m->before.map);
	map_free(&m->after.map);
	free(m->port);
	free(m);
}
