/* active - see active.h. */
#include "ctl/active.h"

#include "table/ask.h"
#include "table/versions.h"

static void add_names(struct arena *arena, const struct yaml_node *root,
		      bool (*is)(struct str table, const struct yaml_node *command),
		      struct buf *list)
{
	const struct yaml_node *table = yaml_get(root, "table"),
			       *commands = yaml_get(root, "commands");

	if (!table || !commands || commands->kind != YAML_MAPPING)
		return;
	for (const struct yaml_node *c = commands->child; c; c = c->next)
		if (is(table->value, c)) {
			const char *name = arena_printf(arena, "%s.%s", table->value.ptr,
							c->key.ptr).ptr;

			buf_add(list, &name, sizeof(name));
		}
}

int active_commands(PGconn *conn, struct arena *arena,
		    bool (*is)(struct str table, const struct yaml_node *command),
		    const char **array_r, struct err *err)
{
	struct source *source;
	struct buf list = { 0 };
	unsigned n = 0;

	if (versions_sources(conn, 0, arena, &source, &n, err) < 0 && err->class != ERR_INPUT)
		return -1;
	for (unsigned i = 0; i < n; i++)
		add_names(arena, yaml_parse(arena, source[i].content, NULL, NULL), is, &list);
	*array_r = ask_array(arena, (const char *const *)list.ptr, list.len / sizeof(char *));
	buf_free(&list);
	return 0;
}
