/* The first line is a wording, the second a text: whatever they are, what is offered leads where it
 * says, shows no secret, and costs little memory. */
#include "two_lines.h"

#include "table/nearest.h"

static const char fixed[] =
	"table: fuzz\nports: [\"10086\"]\ncommands:\n  c:\n    about: x\n"
	"    args: {a: {is: service}, b: {is: month}, c: {is: msisdn}, d: {is: digits, secret: true},\n"
	"      e: {is: money}, f: {is: word}, g: {is: text}, h: {is: digits, pattern: '[0-9]{4,}'}}\n"
	"    risk: query\n    sql: SELECT f(:a, :b, :c, :d, :e, :f, :g, :h)\n"
	"    reply: {ok: {zh: 好, en: ok}}\n    usage: {zh: 用, en: use}\n    examples: []\n"
	"  other:\n    about: x\n    say: [YE, 查余额, 'CZ {c} {d}', '开通{a}', '把{a!}取消']\n"
	"    args: {a: {is: service}, c: {is: msisdn}, d: {is: digits, pattern: '[0-9]{16}', secret: true}}\n"
	"    risk: charge\n    sql: SELECT f(:a, :c, :d)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: []\n"
	"courtesy: {before: [请, 你好], after: [谢谢, please]}\n"
	"answers: {unknown: {zh: 问, en: ask}, error: {zh: 错, en: sorry}}\n";

static void check_hit(const struct tables *tables, const struct match_context *context,
		      struct arena *arena, const struct nearest_hit *hit)
{
	struct match match;

	if (!fold_utf8_ok(hit->text) || !fold_utf8_ok(hit->shown) || !hit->text.len ||
	    !hit->shown.len || !hit->distance || hit->distance > 2)
		abort();
	match_text(tables, context, arena, hit->text, &match);
	if (match.command != hit->command ||
	    match.kind != (hit->usage ? MATCH_USAGE : MATCH_COMMAND))
		abort();
	for (unsigned k = 0; k < ARGS_MAX; k++)
		if (match.arg[k].ptr && match.command->arg[k].secret &&
		    (!hit->secret || !memmem(hit->shown.ptr, hit->shown.len, "***", 3)))
			abort();
}

static void ask(const struct tables *tables, struct vocabulary *vocabulary, struct arena *arena,
		struct str text)
{
	struct match_context context = { .vocabulary = vocabulary, .port = STR("1008601"),
					 .province = STR("js"), .now = 1795336200 };
	struct nearest_index *index = nearest_index_new(tables);
	struct nearest_words *words = nearest_words_new(vocabulary);
	size_t before = arena_size(arena);
	struct nearest nearest;

	nearest_find(index, words, &context, arena, text, &nearest);
	if (arena_size(arena) - before > (1 << 20) + 64 * text.len || nearest.n > NEAREST_MAX ||
	    (nearest.clear && !nearest.n))
		abort();
	for (unsigned i = 0; i < nearest.n; i++)
		check_hit(tables, &context, arena, &nearest.hit[i]);
	nearest_words_free(&words);
	nearest_index_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vocabulary *vocabulary;

	if (!vocabulary) {
		vocabulary = two_lines_vocabulary();
		vocabulary_add(vocabulary, STR("service"), STR("CAILING"), STR("CAILING"));
		vocabulary_add(vocabulary, STR("service"), STR("LLB10"), STR("LLB10"));
	}
	two_lines_run(data, size, fixed, vocabulary, ask);
	return 0;
}
