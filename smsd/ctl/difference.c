/* difference - see difference.h. */
#include "ctl/difference.h"

#include "base/yaml.h"

struct comparison {
	struct arena *arena;
	const char *file;
	unsigned n;
	difference_fn *fn;
	void *arg;
};

static void tell(struct comparison *c, const char *change, const char *part)
{
	c->n++;
	c->fn(c->arg, change, c->file, part);
}

static bool same(const struct yaml_node *a, const struct yaml_node *b)
{
	if (a->kind != b->kind || a->n != b->n || !str_eq(a->value, b->value))
		return false;
	if (a->kind != YAML_MAPPING) {
		const struct yaml_node *x = a->child, *y = b->child;

		for (; x && y; x = x->next, y = y->next)
			if (!same(x, y))
				return false;
		return true;
	}
	/* The order of keys means nothing. */
	for (const struct yaml_node *x = a->child; x; x = x->next) {
		const struct yaml_node *y = yaml_get(b, x->key.ptr);

		if (!y || !same(x, y))
			return false;
	}
	return true;
}

/* Keys whose children are things of their own. */
static const char *thing(const char *key)
{
	static const struct { const char *key, *name; } many[] = {
		{ "commands", "command" }, { "reminders", "reminder" }, { "tips", "tip" }, { "answers", "answer" },
	};

	for (unsigned i = 0; key && i < sizeof(many) / sizeof(*many); i++)
		if (strcmp(many[i].key, key) == 0)
			return many[i].name;
	return NULL;
}

static void compare_keys(struct comparison *c, const struct yaml_node *old,
			 const struct yaml_node *new, const char *prefix);

static void compare_key(struct comparison *c, const struct yaml_node *old,
			const struct yaml_node *new, const char *prefix)
{
	const struct yaml_node *one = new ? new : old;
	const char *things = *prefix ? NULL : thing(one->key.ptr);

	if (things && one->kind == YAML_MAPPING)
		compare_keys(c, old, new, arena_printf(c->arena, "%s ", things).ptr);
	else if (!old || !new || !same(old, new))
		tell(c, !old ? "added" : !new ? "removed" : "changed",
		     arena_printf(c->arena, "%s%s", prefix, one->key.ptr).ptr);
}

/* old or new may be NULL: nothing there. */
static void compare_keys(struct comparison *c, const struct yaml_node *old,
			 const struct yaml_node *new, const char *prefix)
{
	for (const struct yaml_node *x = new ? new->child : NULL; x; x = x->next)
		compare_key(c, yaml_get(old, x->key.ptr), x, prefix);
	for (const struct yaml_node *x = old ? old->child : NULL; x; x = x->next)
		if (!yaml_get(new, x->key.ptr))
			compare_key(c, x, NULL, prefix);
}

static void note(void *arg, unsigned line, unsigned column, const char *text)
{
	(void)line, (void)column, (void)text;
	*(bool *)arg = true;
}

static void compare_files(struct comparison *c, const struct source *old, const struct source *new)
{
	bool broken = false;
	struct yaml_node *a, *b;
	unsigned before = c->n;

	if (str_eq(old->content, new->content))
		return;
	a = yaml_parse(c->arena, old->content, note, &broken);
	b = yaml_parse(c->arena, new->content, note, &broken);
	if (broken || !a || !b || a->kind != YAML_MAPPING || b->kind != YAML_MAPPING) {
		tell(c, "changed", "");
		return;
	}
	compare_keys(c, a, b, "");
	if (c->n == before)
		tell(c, "changed", "comments or layout");
}

static const struct source *find(const struct source *list, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

unsigned difference_find(const struct source *old, unsigned nold, const struct source *new,
			 unsigned nnew, difference_fn *fn, void *arg)
{
	struct comparison c = { .arena = arena_new(), .fn = fn, .arg = arg };

	for (unsigned i = 0; i < nnew; i++) {
		const struct source *was = find(old, nold, new[i].name);

		c.file = new[i].name;
		if (was)
			compare_files(&c, was, &new[i]);
		else
			tell(&c, "added", "");
	}
	for (unsigned i = 0; i < nold; i++) {
		c.file = old[i].name;
		if (!find(new, nnew, old[i].name))
			tell(&c, "removed", "");
	}
	arena_free(&c.arena);
	return c.n;
}
