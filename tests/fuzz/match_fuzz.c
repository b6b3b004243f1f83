/* The first line is a wording, the second a text: whatever they are, the answer comes, fits the
 * text, and keeps secrets out of what may be stored. */
#include "two_lines.h"

#include "table/match.h"

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
	static struct vocabulary *vocabulary;

	if (!vocabulary)
		vocabulary = two_lines_vocabulary();
	two_lines_run(data, size, fixed, vocabulary, ask);
	return 0;
}
