/* The first line is a wording, the second a text: whatever they are, the answer comes, fits the
 * text, and keeps secrets out of what may be stored. */
#include <stdint.h>
#include <stdlib.h>

#include "table/match.h"
#include "table/tables.h"
#include "text/fold.h"

enum { SECRET = 3 };	/* the argument d */

static const char fixed[] =
	"table: fuzz\nports: [\"10086\"]\ncommands:\n  c:\n    about: x\n"
	"    args: {a: {is: service}, b: {is: month}, c: {is: msisdn}, d: {is: digits, secret: true},\n"
	"      e: {is: money}, f: {is: word}, g: {is: text}, h: {is: digits, pattern: '[0-9]{4,}'}}\n"
	"    risk: query\n    sql: SELECT f(:a, :b, :c, :d, :e, :f, :g, :h)\n"
	"    reply: {ok: {zh: 好, en: ok}}\n    usage: {zh: 用, en: use}\n"
	"    match: ['Q (?<f>\\w+) (?<d>\\d+)']\n    examples: []\n"
	"courtesy: {before: [请, 你好], after: [谢谢, please]}\n"
	"answers: {unknown: {zh: 问, en: ask}, error: {zh: 错, en: sorry}}\n";

/* Single quotes of YAML know one escape. */
static struct str say(struct arena *arena, struct str wording)
{
	struct buf out = { 0 };

	buf_add(&out, fixed, strstr(fixed, "    risk:") - fixed);
	buf_z(&out, "    say: ['");
	for (size_t i = 0; i < wording.len; i++) {
		if (wording.ptr[i] == '\'')
			buf_char(&out, '\'');
		buf_char(&out, wording.ptr[i]);
	}
	buf_z(&out, "']\n");
	buf_z(&out, strstr(fixed, "    risk:"));
	struct str text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

/* A secret must be gone from the text that may be stored, unless the same digits stand there twice. */
static void check_secret(struct arena *arena, const struct match *match, struct str folded)
{
	struct str secret = match->arg[SECRET],
		   before = fold_squeeze(arena, fold_digits(arena, folded)),
		   after = fold_squeeze(arena, fold_digits(arena, match->redacted));
	const char *at = memmem(before.ptr, before.len, secret.ptr, secret.len);

	if (!match->secret || !memmem(match->redacted.ptr, match->redacted.len, "***", 3))
		abort();
	if (!at)	/* digits that are repaired only without the courtesy beside them */
		return;
	str_skip(&before, at + 1 - before.ptr);
	if (memmem(before.ptr, before.len, secret.ptr, secret.len))
		return;
	if (memmem(after.ptr, after.len, secret.ptr, secret.len))
		abort();
}

static void check(struct arena *arena, const struct match *match, struct str folded)
{
	if ((match->kind == MATCH_NONE) != !match->command || (match->command && !match->wording))
		abort();
	if (!match->secret && !str_eq(match->redacted, folded))
		abort();
	if (!fold_utf8_ok(match->redacted))
		abort();
	for (unsigned k = 0; k < ARGS_MAX; k++)
		if (match->arg[k].ptr && (match->kind != MATCH_COMMAND || !fold_utf8_ok(match->arg[k])))
			abort();
	if (match->arg[SECRET].ptr)
		check_secret(arena, match, folded);
}

static void ask(const struct tables *tables, struct vocabulary *vocabulary, struct arena *arena,
		struct str text)
{
	struct match_context context = { vocabulary, STR("1008601"), STR("js"), 1795336200 };
	struct match match;

	match_text(tables, &context, arena, text, &match);
	check(arena, &match, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct err err;
	static struct vocabulary *vocabulary;
	struct arena *arena = arena_new();
	struct problems problems = { .arena = arena };
	const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
	struct source source = { "fuzz.yaml", { 0 } };

	if (!vocabulary) {
		if (fold_init(&err) < 0)
			abort();
		vocabulary = vocabulary_new();
		vocabulary_add(vocabulary, STR("service"), STR("彩铃"), STR("CAILING"));
	}
	struct str wording = { (const char *)data, nl ? (size_t)(nl - data) : 0 };
	struct str text = { (const char *)data + wording.len, size - wording.len };
	source.content = say(arena, wording);
	struct tables *tables = tables_parse(&source, 1, &problems);
	ask(tables, vocabulary, arena, fold_text(arena, fold_utf8_mend(arena, text)));
	tables_unref(&tables);
	arena_free(&arena);
	return 0;
}
