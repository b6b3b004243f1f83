/* two_lines - what the fuzzers of wordings share: the first line is a wording and the second a text; the wording becomes
 * one of the first command's, and the fuzzer is asked about the text. */
#pragma once
#include <stdint.h>
#include <stdlib.h>

#include "table/tables.h"
#include "table/vocabulary.h"
#include "text/fold.h"

typedef void two_lines_ask(const struct tables *tables, struct vocabulary *vocabulary, struct arena *arena, struct str text);

/* Knows one service. */
static struct vocabulary *two_lines_vocabulary(void)
{
	struct vocabulary *vocabulary;
	struct err err;

	if (fold_init(&err) < 0)
		abort();
	vocabulary = vocabulary_new();
	vocabulary_add(vocabulary, STR("service"), STR("彩铃"), STR("CAILING"));
	return vocabulary;
}

/* Single quotes of YAML know one escape. */
static struct str two_lines_say(struct arena *arena, const char *fixed, struct str wording)
{
	const char *risk = strstr(fixed, "    risk:");
	struct buf out = { 0 };

	buf_add(&out, fixed, risk - fixed);
	buf_z(&out, "    say: ['");
	for (size_t i = 0; i < wording.len; i++) {
		if (wording.ptr[i] == '\'')
			buf_char(&out, '\'');
		buf_char(&out, wording.ptr[i]);
	}
	buf_z(&out, "']\n");
	buf_z(&out, risk);
	struct str text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

/* fixed: a table whose first command has all but its wordings, before its risk. */
static void two_lines_run(const uint8_t *data, size_t size, const char *fixed, struct vocabulary *vocabulary, two_lines_ask *ask)
{
	struct arena *arena = arena_new();
	struct problems problems = { .arena = arena };
	const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
	struct str wording = { (const char *)data, nl ? (size_t)(nl - data) : 0 };
	struct str text = { (const char *)data + wording.len, size - wording.len };
	struct source source = { "fuzz.yaml", two_lines_say(arena, fixed, wording) };
	struct tables *tables = tables_parse(&source, 1, &problems);

	ask(tables, vocabulary, arena, fold_text(arena, fold_utf8_mend(arena, text)));
	tables_unref(&tables);
	arena_free(&arena);
}
