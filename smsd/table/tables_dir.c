/* tables_dir - see tables_dir.h. */
#include "table/tables_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/yaml.h"

static int is_table(const struct dirent *entry)
{
	return *entry->d_name != '.' && str_ends(str_z(entry->d_name), STR(".yaml"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void unreadable(struct problems *problems, const char *name, int error)
{
	struct place place = { name, 1, 1 };

	problem_add(problems, PROBLEM_ERROR, place, "cannot be read: %s", strerror(error));
}

/* One byte more than allowed is read, so that yaml_parse() sees that it is too large. */
static bool read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		return false;
	do {
		buf_room(out, 65536);
		n = fread(out->ptr + out->len, 1, 65536, file);
		out->len += n;
	} while (n > 0 && out->len <= YAML_SIZE_MAX);
	int failed = ferror(file) ? errno : 0;
	fclose(file);
	errno = failed;
	return !failed;
}

static bool read_source(struct arena *arena, const char *dir, const char *name,
			struct source *source, struct problems *problems)
{
	struct buf content = { 0 };
	bool ok = read_file(arena_printf(arena, "%s/%s", dir, name).ptr, &content);

	source->name = arena_z(arena, str_z(name));
	if (ok)
		source->content = arena_str(arena, buf_get(&content));
	else
		unreadable(problems, source->name, errno);
	buf_free(&content);
	return ok;
}

struct tables *tables_parse_dir(const char *dir, struct problems *problems)
{
	struct arena *arena = arena_new();
	struct dirent **entry = NULL;
	struct source *source;
	struct tables *tables;
	int found = scandir(dir, &entry, is_table, by_name);
	unsigned n = 0;

	if (found < 0)
		unreadable(problems, dir, errno);
	else if (found == 0)
		problem_add(problems, PROBLEM_ERROR, (struct place){ dir, 1, 1 },
			    "no *.yaml file is in the folder");
	source = arena_alloc(arena, (found > 0 ? found : 0) * sizeof(*source));
	for (int i = 0; i < found; i++) {
		n += read_source(arena, dir, entry[i]->d_name, &source[n], problems);
		free(entry[i]);
	}
	free(entry);
	tables = tables_parse(source, n, problems);
	arena_free(&arena);
	return tables;
}
