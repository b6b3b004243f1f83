/* Any bytes as a table: parsed, bound where nothing was wrong, asked, released. */
#include <stdint.h>
#include <stdlib.h>

#include "table/match.h"
#include "table/tables.h"
#include "text/fold.h"

static void check_problems(const struct problems *problems)
{
	unsigned errors = 0;

	for (unsigned i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		errors += p->level == PROBLEM_ERROR;
		if (!*p->text || !p->place.file || !p->place.line || !p->place.column)
			abort();
	}
	if (errors != problems->errors)
		abort();
}

static void bind(struct tables *tables, struct problems *problems)
{
	static const char *column[] = { "outcome", "name", "price" }, *outcome[] = { "ok", "none" };
	struct binding *binding = calloc(tables->ncommands + 1, sizeof(*binding));

	for (unsigned i = 0; i < tables->ncommands; i++)
		binding[i] = (struct binding){ tables->command[i]->id, "hall_cmd.f", 3, column, i % 2 * 2,
					       outcome };
	tables_bind(tables, binding, tables->ncommands, problems);
	free(binding);
}

static void ask(const struct tables *tables, struct arena *arena)
{
	struct match_context context = { .port = STR("10086"), .now = 1795336200 };
	struct match match;

	for (unsigned i = 0; i < tables->nexamples; i++)
		match_text(tables, &context, arena, fold_text(arena, str_z(tables->example[i].text)),
			   &match);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct err err;
	static bool loaded;
	struct problems problems = { .arena = arena_new() };
	struct source source = { "fuzz.yaml", { (const char *)data, size } };

	if (!loaded && fold_init(&err) < 0)
		abort();
	loaded = true;
	struct tables *tables = tables_parse(&source, 1, &problems);
	check_problems(&problems);
	if (!problems.errors) {
		ask(tables, problems.arena);
		bind(tables, &problems);
		check_problems(&problems);
	}
	tables_unref(&tables);
	arena_free(&problems.arena);
	return 0;
}
