/* template_names - see template_names.h.  Cuts tags as template.c does. */
#include "text/template_names.h"

struct names {
	struct arena *arena;
	const char **list;
	unsigned n;
};

static void add(struct names *names, struct str name)
{
	if (!name.len || str_eqz(name, "rows") || str_eqz(name, "last") || str_eqz(name, ".n"))
		return;
	for (unsigned i = 0; i < names->n; i++)
		if (str_eqz(name, names->list[i]))
			return;
	names->list[names->n++] = arena_z(names->arena, name);
}

static void take_tag(struct names *names, struct str tag)
{
	const char *bar;

	tag = str_trim(tag);
	if (!tag.len || *tag.ptr == '!' || *tag.ptr == '/')
		return;
	if (*tag.ptr == '#' || *tag.ptr == '^') {
		str_skip(&tag, 1);
	} else {
		bar = memchr(tag.ptr, '|', tag.len);
		if (bar)
			tag.len = bar - tag.ptr;
	}
	add(names, str_trim(tag));
}

static const char *find_pair(struct str s, const char *pair)
{
	return s.len ? memmem(s.ptr, s.len, pair, 2) : NULL;
}

static unsigned count_tags(struct str s)
{
	const char *open;
	unsigned n = 0;

	for (; (open = find_pair(s, "{{")); n++)
		str_skip(&s, open + 2 - s.ptr);
	return n;
}

const char **template_names(struct arena *arena, struct str source, unsigned *n_r)
{
	struct names names = { arena, NULL, 0 };
	struct str rest = source;
	const char *open, *close;

	names.list = arena_alloc(arena, count_tags(source) * sizeof(*names.list));
	while ((open = find_pair(rest, "{{"))) {
		str_skip(&rest, open + 2 - rest.ptr);
		close = find_pair(rest, "}}");
		open = find_pair(rest, "{{");
		if (!close)
			break;
		if (open && open < close && *rest.ptr != '!')	/* not closed */
			continue;
		take_tag(&names, str_n(rest.ptr, close - rest.ptr));
		str_skip(&rest, close + 2 - rest.ptr);
	}
	*n_r = names.n;
	return names.list;
}

bool template_shows_bare(struct str source, struct str name)
{
	unsigned inside = 0;
	const char *open, *close;

	while ((open = memmem(source.ptr, source.len, "{{", 2)) &&
	       (close = memmem(open, source.ptr + source.len - open, "}}", 2))) {
		struct str hole = str_trim(str_n(open + 2, close - open - 2));
		const char *bar = memchr(hole.ptr, '|', hole.len);
		char sigil = hole.len ? *hole.ptr : '\0';
		struct str head = str_trim(str_n(hole.ptr, bar ? (size_t)(bar - hole.ptr) : hole.len));

		if (sigil == '#' || sigil == '/') {
			str_skip(&hole, 1);
			if (str_eq(str_trim(hole), name))
				inside += sigil == '#' ? 1 : -1;
		} else if (!inside && str_eq(head, name) && !memmem(hole.ptr, hole.len, "|or:", 4)) {
			return true;
		}
		str_skip(&source, close + 2 - source.ptr);
	}
	return false;
}
