/* folder - see folder.h. */
#include "ctl/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/yaml.h"

static bool is_table(const char *name)
{
	return *name != '.' && str_ends(str_z(name), STR(".yaml"));
}

static int read_file(const char *path, struct arena *arena, struct str *out_r, struct err *err)
{
	FILE *in = fopen(path, "r");
	struct buf text = { 0 };
	size_t n;

	if (!in)
		return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
	do {	/* the parser refuses what is too large: one octet more is enough */
		buf_room(&text, 65536);
		n = fread(text.ptr + text.len, 1, 65536, in);
		text.len += n;
	} while (n && text.len <= YAML_SIZE_MAX);
	int failed = ferror(in);
	fclose(in);
	*out_r = arena_str(arena, buf_get(&text));
	buf_free(&text);
	return failed ? err_set(err, ERR_INPUT, "%s: cannot be read", path) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

static struct source *read_names(DIR *d, struct arena *arena, unsigned *n_r)
{
	unsigned room = 0;
	struct source *list = NULL, *kept;

	*n_r = 0;
	for (struct dirent *e; (e = readdir(d));) {
		if (!is_table(e->d_name))
			continue;
		if (*n_r == room)
			list = mem_grow(list, (room = room ? 2 * room : 16) * sizeof(*list));
		list[(*n_r)++].name = arena_z(arena, str_z(e->d_name));
	}
	kept = arena_alloc(arena, (*n_r + 1) * sizeof(*kept));
	if (*n_r) {
		memcpy(kept, list, *n_r * sizeof(*kept));
		qsort(kept, *n_r, sizeof(*kept), by_name);
	}
	free(list);
	return kept;
}

int folder_read(const char *dir, struct arena *arena, struct source **source_r, unsigned *n_r,
		struct err *err)
{
	DIR *d = opendir(dir);

	if (!d)
		return err_set(err, ERR_INPUT, "%s: %s", dir, strerror(errno));
	*source_r = read_names(d, arena, n_r);
	closedir(d);
	for (unsigned i = 0; i < *n_r; i++) {
		struct source *s = &(*source_r)[i];

		if (read_file(arena_printf(arena, "%s/%s", dir, s->name).ptr, arena, &s->content,
			      err) != 0)
			return -1;
	}
	if (*n_r == 0)
		return err_set(err, ERR_INPUT, "%s: holds no command tables (*.yaml)", dir);
	return 0;
}

/* 1: there and the same, 0: absent. */
static int compare(const char *path, const struct source *source, struct err *err)
{
	struct arena *arena = arena_new();
	struct str there;
	struct stat st;
	int same = 0;

	if (stat(path, &st) == 0) {
		same = read_file(path, arena, &there, err) == 0 ? 1 : -1;
		if (same > 0 && !str_eq(there, source->content))
			same = err_set(err, ERR_INPUT,
				       "%s is there and differs (name another folder, or move the "
				       "file away)",
				       path);
	}
	arena_free(&arena);
	return same;
}

static int write_file(const char *path, struct str content, struct err *err)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
	bool ok = fwrite(content.ptr, 1, content.len, out) == content.len;
	ok = fclose(out) == 0 && ok;
	return ok ? 0 : err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
}

static int write_all(const char *dir, const struct source *source, unsigned n, bool really,
		     struct err *err)
{
	struct arena *arena = arena_new();
	int failed = 0;

	for (unsigned i = 0; i < n && !failed; i++) {
		const char *path = arena_printf(arena, "%s/%s", dir, source[i].name).ptr;
		int there = compare(path, &source[i], err);

		if (there < 0)
			failed = -1;
		else if (strchr(source[i].name, '/'))	/* would lead out of the folder */
			failed = err_set(err, ERR_INPUT, "'%s' is no name of a file",
					 source[i].name);
		else if (there == 0 && really)
			failed = write_file(path, source[i].content, err);
	}
	arena_free(&arena);
	return failed;
}

int folder_write(const char *dir, const struct source *source, unsigned n, struct err *err)
{
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return err_set(err, ERR_INPUT, "%s: %s", dir, strerror(errno));
	if (write_all(dir, source, n, false, err) != 0)
		return -1;
	return write_all(dir, source, n, true, err);
}
