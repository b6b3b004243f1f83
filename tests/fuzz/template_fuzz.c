/* Fuzzes text/template.  Input: the template; then, each after a line "%%", the values of
 * one row, a line each (a line "\N" is NULL). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/fold.h"
#include "text/template.h"

enum { COLUMNS = 3, ROWS_MAX = 4 };

static const char *const names[COLUMNS] = { "a", "price", "last" };

struct values {
	struct str value[ROWS_MAX][COLUMNS];
	unsigned rows;
};

struct checked {
	struct str source;
	unsigned errors;
};

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "broken promise: %s\n", what);
		abort();
	}
}

static struct str get(void *arg, unsigned row, unsigned column)
{
	const struct values *v = arg;

	must(column < COLUMNS, "a column that exists");
	must(row == 0 || row < v->rows, "a row that exists");
	return v->value[row][column];
}

static void count(void *arg, const struct template_error *error)
{
	struct checked *checked = arg;

	checked->errors++;
	must(error->offset <= checked->source.len, "an error lies in the source");
	must(memchr(error->text, '\0', sizeof(error->text)) && *error->text, "an error has a text");
	must(!fold_utf8_ok(checked->source) || fold_utf8_ok(str_z(error->text)),
	     "an error text is UTF-8");
}

static struct str take_line(struct str *rest)
{
	const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	struct str line = str_n(rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len);

	str_skip(rest, line.len + (end != NULL));
	return line;
}

/* Cuts the rows off the input. */
static struct str read_values(struct str input, struct values *v)
{
	const char *end = input.len ? memmem(input.ptr, input.len, "\n%%\n", 4) : NULL;
	unsigned column = 0;

	if (!end)
		return input;
	struct str source = str_n(input.ptr, end - input.ptr), rest = input;
	str_skip(&rest, source.len + 4);
	for (v->rows = 1; rest.len;) {
		struct str line = take_line(&rest);

		if (str_eqz(line, "%%") && v->rows < ROWS_MAX) {
			v->rows++;
			column = 0;
		} else if (column < COLUMNS) {
			v->value[v->rows - 1][column++] =
				str_eqz(line, "\\N") ? str_n(NULL, 0) : line;
		}
	}
	return source;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct values values = { 0 };
	struct checked checked = {
		.source = read_values(str_n((const char *)data, size), &values),
	};
	struct template *t = template_new(arena, checked.source, names, COLUMNS, count, &checked);
	struct buf once = { 0 }, twice = { 0 };

	must((t == NULL) == (checked.errors > 0), "refused if, and only if, errors were told");
	for (unsigned lang = 0; t && lang < 2; lang++) {
		struct template_data d = { values.rows, get, &values, lang ? "en" : "zh" };

		once.len = twice.len = 0;
		template_render(t, &d, &once);
		template_render(t, &d, &twice);
		must(str_eq(buf_get(&once), buf_get(&twice)), "rendering is pure");
		must(!fold_utf8_ok(str_n((const char *)data, size)) || fold_utf8_ok(buf_get(&once)),
		     "UTF-8 in, UTF-8 out");
	}
	buf_free(&once);
	buf_free(&twice);
	arena_free(&arena);
	return 0;
}
