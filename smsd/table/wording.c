/* wording - see wording.h.  A recursive descent whose every step yields the list of what may
 * stand there. */
#include "table/wording.h"

#include <stdio.h>

#include "base/map.h"
#include "table/kind.h"
#include "text/fold.h"

enum { NESTING_MAX = 16 };

struct list {			/* alternatives, each a run of elements */
	unsigned n;
	struct skeleton *run;
};

struct parser {
	struct arena *arena;
	struct str source;
	size_t at;
	const struct command *command;
	wording_error_fn *fn;
	void *arg;
	unsigned *named, depth;
	bool failed;
};

static void fail(struct parser *p, size_t offset, const char *text)
{
	if (!p->failed)
		p->fn(p->arg, offset, text);
	p->failed = true;
}

static bool push(struct skeleton *run, struct element element)
{
	if (run->n >= WORDING_ELEMENTS_MAX)
		return false;
	run->element[run->n++] = element;
	return true;
}

/* Literals that come together become one. */
static bool append(struct parser *p, struct skeleton *to, const struct skeleton *more)
{
	for (unsigned i = 0; i < more->n; i++) {
		struct element e = more->element[i];
		struct element *last = to->n ? &to->element[to->n - 1] : NULL;

		if (e.literal.ptr && last && last->literal.ptr)
			last->literal = arena_printf(p->arena, "%.*s%.*s", STR_ARG(last->literal),
						     STR_ARG(e.literal));
		else if (!push(to, e))
			return false;
	}
	return true;
}

static struct skeleton blank(struct parser *p)
{
	return (struct skeleton){
		.element = arena_alloc(p->arena, WORDING_ELEMENTS_MAX * sizeof(struct element)),
	};
}

static struct list one(struct parser *p, const struct element *element)
{
	struct list list = { 1, arena_alloc(p->arena, sizeof(*list.run)) };

	*list.run = blank(p);
	if (element)
		push(list.run, *element);
	return list;
}

/* Every run of a, followed by every run of b. */
static struct list product(struct parser *p, struct list a, struct list b)
{
	struct list list = { 0 };

	if (p->failed)
		return a;
	if (a.n * b.n > WORDING_EXPANSIONS_MAX) {
		fail(p, 0, "the wording stands for more than 512 texts (split it)");
		return a;
	}
	list.run = arena_alloc(p->arena, a.n * b.n * sizeof(*list.run));
	for (unsigned i = 0; i < a.n * b.n && !p->failed; i++) {
		list.run[i] = blank(p);
		if (!append(p, &list.run[i], &a.run[i / b.n]) ||
		    !append(p, &list.run[i], &b.run[i % b.n]))
			fail(p, 0, "the wording has more arguments than a command may have (8)");
	}
	list.n = a.n * b.n;
	return list;
}

static struct list sum(struct parser *p, struct list a, struct list b)
{
	struct list list = { a.n + b.n, NULL };

	if (p->failed)
		return a;
	if (list.n > WORDING_EXPANSIONS_MAX) {
		fail(p, 0, "the wording stands for more than 512 texts (split it)");
		return a;
	}
	list.run = arena_alloc(p->arena, list.n * sizeof(*list.run));
	memcpy(list.run, a.run, a.n * sizeof(*a.run));
	memcpy(list.run + a.n, b.run, b.n * sizeof(*b.run));
	return list;
}

static char peek(const struct parser *p)
{
	return p->at < p->source.len ? p->source.ptr[p->at] : '\0';
}

static struct list take_literal(struct parser *p)
{
	size_t begin = p->at;
	struct element e = { 0 };

	while (p->at < p->source.len && !strchr("[](){}|", p->source.ptr[p->at]))
		p->at++;
	struct str raw = str_n(p->source.ptr + begin, p->at - begin);
	e.literal = fold_squeeze(p->arena, fold_text(p->arena, raw));
	/* Question marks alone ask for help only as the whole text. */
	if (!e.literal.len || (str_eq(e.literal, STR("?")) && raw.len != p->source.len))
		return one(p, NULL);
	return one(p, &e);
}

static void unknown_argument(struct parser *p, size_t begin, struct str name)
{
	const char *near = NULL;

	for (unsigned i = 0; i < p->command->nargs && !near; i++)
		if (str_distance(name, str_z(p->command->arg[i].name), 2) <= 2)
			near = p->command->arg[i].name;
	if (near)
		fail(p, begin, arena_printf(p->arena, "unknown argument '%.*s' (did you mean"
					    " '%s'?)", STR_ARG(name), near).ptr);
	else
		fail(p, begin, arena_printf(p->arena, "unknown argument '%.*s' (add it to args)",
					    STR_ARG(name)).ptr);
}

static struct list take_argument(struct parser *p)
{
	size_t begin = p->at++;
	const char *end = memchr(p->source.ptr + p->at, '}', p->source.len - p->at);
	struct element e = { 0 };

	if (!end) {
		fail(p, begin, "'{' is not closed (add '}')");
		return one(p, NULL);
	}
	struct str name = str_trim(str_n(p->source.ptr + p->at,
					 end - p->source.ptr - p->at));
	p->at = end + 1 - p->source.ptr;
	e.strict = str_ends(name, STR("!"));
	name.len -= e.strict;
	while (e.arg < p->command->nargs && !str_eqz(name, p->command->arg[e.arg].name))
		e.arg++;
	if (e.arg == p->command->nargs) {
		unknown_argument(p, begin + 1, name);
		return one(p, NULL);
	}
	if (e.strict && !p->command->arg[e.arg].kind->vocabulary) {
		fail(p, begin, arena_printf(p->arena, "'!' is for what the vocabulary knows, not"
					    " for the kind %s (remove it)",
					    p->command->arg[e.arg].kind_name).ptr);
		return one(p, NULL);
	}
	*p->named |= 1u << e.arg;
	return one(p, &e);
}

static struct list take_alternatives(struct parser *p);

static struct list take_bracket(struct parser *p, char open, char close)
{
	size_t begin = p->at++;
	struct list inner;

	if (p->depth >= NESTING_MAX) {
		fail(p, begin, "brackets are nested too deeply (at most 16)");
		return one(p, NULL);
	}
	p->depth++;
	inner = take_alternatives(p);
	p->depth--;
	if (peek(p) != close)
		fail(p, begin, open == '[' ? "'[' is not closed (add ']')" :
					     "'(' is not closed (add ')')");
	p->at++;
	return open == '[' ? sum(p, inner, one(p, NULL)) : inner;
}

static struct list take_sequence(struct parser *p)
{
	struct list list = one(p, NULL);

	while (!p->failed && p->at < p->source.len) {
		char c = peek(p);

		if (c == '|' || c == ']' || c == ')')
			break;
		if (c == '[')
			list = product(p, list, take_bracket(p, '[', ']'));
		else if (c == '(')
			list = product(p, list, take_bracket(p, '(', ')'));
		else if (c == '{')
			list = product(p, list, take_argument(p));
		else if (c == '}')
			fail(p, p->at, "'}' without '{' before it (remove it)");
		else
			list = product(p, list, take_literal(p));
	}
	return list;
}

static struct list take_alternatives(struct parser *p)
{
	struct list list = take_sequence(p);

	while (!p->failed && peek(p) == '|') {
		if (!p->depth) {
			fail(p, p->at, "'|' stands outside of brackets (write (a|b), or two"
			     " wordings)");
			break;
		}
		p->at++;
		list = sum(p, list, take_sequence(p));
	}
	return list;
}

bool skeleton_exact(const struct skeleton *s)
{
	return !s->args;
}

/* Folding leaves no control characters: they stand for the arguments. */
struct str skeleton_key(struct arena *arena, const struct skeleton *s, bool named)
{
	size_t len = 0;

	for (unsigned i = 0; i < s->n; i++)
		len += s->element[i].literal.ptr ? s->element[i].literal.len : 1;
	char *key = arena_alloc(arena, len + 1), *to = key;
	for (unsigned i = 0; i < s->n; i++) {
		const struct element *e = &s->element[i];

		if (e->literal.ptr)
			to = mempcpy(to, e->literal.ptr, e->literal.len);
		else
			*to++ = named ? 1 + e->arg + ARGS_MAX * e->strict : 1;
	}
	return str_n(key, len);
}

static bool single_letter(struct str literal)
{
	return literal.len == 1 && *literal.ptr >= 'A' && *literal.ptr <= 'Z';
}

/* A run without a literal takes any text its arguments take: they must be picky. */
static bool anything_goes(const struct parser *p, const struct skeleton *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct command_arg *a = &p->command->arg[s->element[i].arg];

		if (s->element[i].literal.ptr || s->element[i].strict || a->pattern)
			return false;
		if (a->kind_name && !strcmp(a->kind_name, "msisdn"))
			return false;
	}
	return true;
}

static void finish(struct parser *p, struct skeleton *s)
{
	for (unsigned i = 0; i < s->n && !p->failed; i++) {
		struct element *e = &s->element[i];

		if (e->literal.ptr) {
			e->single = single_letter(e->literal);
			s->fixed += e->literal.len;
			continue;
		}
		if (s->args & 1u << e->arg)
			fail(p, 0, arena_printf(p->arena, "the argument '%s' stands twice in the"
						" wording", p->command->arg[e->arg].name).ptr);
		s->args |= 1u << e->arg;
	}
	if (p->failed)
		return;
	if (!s->n)
		fail(p, 0, "the wording may be empty (something must stand outside of [ ])");
	else if (s->args && anything_goes(p, s))
		fail(p, 0, "the wording takes any text (add a fixed word, or write {name!} for what"
			   " the vocabulary must know)");
}

/* Out of the scratch arena, into the one that stays. */
static void keep(struct arena *arena, struct skeleton *to, const struct skeleton *from)
{
	*to = *from;
	to->element = arena_alloc(arena, from->n * sizeof(*to->element));
	for (unsigned i = 0; i < from->n; i++) {
		to->element[i] = from->element[i];
		to->element[i].literal = arena_str(arena, from->element[i].literal);
	}
}

static unsigned keep_distinct(struct parser *p, struct arena *arena, struct list list,
			      struct skeleton **list_r)
{
	struct map *seen = map_new();
	unsigned n = 0;

	*list_r = arena_alloc(arena, list.n * sizeof(**list_r));
	for (unsigned i = 0; i < list.n; i++)
		if (!map_put(seen, skeleton_key(p->arena, &list.run[i], true), &list.run[i]))
			keep(arena, &(*list_r)[n++], &list.run[i]);
	map_free(&seen);
	return n;
}

unsigned wording_expand(struct arena *arena, struct str source, const struct command *command,
			wording_error_fn *fn, void *arg, struct skeleton **list_r, unsigned *named)
{
	struct arena *scratch = arena_new();
	struct parser p = { scratch, source, 0, command, fn, arg, named, 0, false };
	struct list list = take_alternatives(&p);
	unsigned n = 0;

	if (!p.failed && p.at < source.len)
		fail(&p, p.at, arena_printf(scratch, "'%c' without its opening bracket (remove it)",
					    source.ptr[p.at]).ptr);
	for (unsigned i = 0; i < list.n && !p.failed; i++)
		finish(&p, &list.run[i]);
	if (!p.failed)
		n = keep_distinct(&p, arena, list, list_r);
	arena_free(&scratch);
	return n;
}
