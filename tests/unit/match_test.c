/* Tests of table/match: which command a text asks for. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "table/match.h"
#include "table/pattern.h"
#include "table/problems.h"
#include "table/wording.h"
#include "text/fold.h"

static struct arena *arena;
static struct vocabulary *vocabulary;
static struct tables *tables;

static void load(void)
{
	struct err err;

	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
}

/* A command in one line: its wordings, arguments and SQL parameters; `more` are further keys. */
#define COMMAND(name, say, args, params, more)						\
	"  " name ":\n    about: x\n    say: [" say "]\n    args: {" args "}\n"		\
	"    risk: query\n    sql: SELECT f(" params ")\n" more				\
	"    reply: {ok: {zh: 好, en: ok}}\n"
#define EXAMPLE(text) "    examples: [{text: \"" text "\"}]\n"
#define USAGE "    usage: {zh: 用法, en: usage}\n"
#define CARD "card: {is: digits, pattern: '[0-9]{16}', secret: true}"

static const char group[] =
	"table: group\nports: [\"10086\", \"10010\"]\ncommands:\n"
	COMMAND("balance", "YE, \"[查|查询](余额|话费)[查询]\", \"?\"", "", ":msisdn", EXAMPLE("YE"))
	COMMAND("bill", "ZD, \"ZD {m}\", \"1011 {m}\", \"[查]{m}[的][话费]账单\"", "m: {is: month}", ":m",
		USAGE EXAMPLE("ZD"))
	COMMAND("on", "\"KT {code}\", \"开通{code}\", \"开{code!}\"", "code: {is: service}", ":code",
		USAGE EXAMPLE("KT CAILING"))
	COMMAND("off", "\"QX {code}\", \"取消{code}\", \"把{code!}取消\"", "code: {is: service}", ":code",
		EXAMPLE("QX CAILING"))
	COMMAND("cancel", "\"取消报名{event}\", \"{event!}不去了[取消报名]\"", "event: {is: event}", ":event",
		EXAMPLE("取消报名秋季沙龙"))
	COMMAND("track", "\"QXCX {number}\"", "number: {is: msisdn}", ":number",
		USAGE EXAMPLE("QXCX 13900139000"))
	COMMAND("recharge", "\"CZ {card}\", \"充值[卡]{card}\"", CARD, ":card",
		USAGE EXAMPLE("CZ 1234567890123456"))
	COMMAND("other", "\"CZ {number} {card}\", \"CZ {card} {number}\", \"给{number}充值{card}\"",
		"number: {is: msisdn}, " CARD, ":number, :card", EXAMPLE("CZ 13900139000 1234567890123456"))
	COMMAND("password", "\"XGMM {old} {new}\"",
		"old: {is: digits, pattern: '[0-9]{6}', secret: true},"
		" new: {is: digits, pattern: '[0-9]{6}', secret: true}", ":old, :new",
		USAGE EXAMPLE("XGMM#123456#654321"))
	COMMAND("complain", "\"TS {what}\", \"我要投诉{what}\"", "what: {is: text}", ":what",
		EXAMPLE("TS x"))
	COMMAND("vote", "\"T {n}\", \"{n} V\"", "n: {is: number}", ":n", USAGE EXAMPLE("T 3"))
	COMMAND("menu", "\"0\", \"0000\"", "", ":msisdn", EXAMPLE("0"))
	"  three:\n    about: x\n    match: ['(?<a>[A-Z]) (?<b>[A-Z])(?: (?<c>[A-Z]))?', 'HELLO.*']\n"
	"    args: {a: {is: word}, b: {is: word, secret: true}, c: {is: word}}\n    risk: query\n"
	"    sql: SELECT f(:a, :b, :c)\n    reply: {ok: {zh: 好, en: ok}}\n" EXAMPLE("A B C")
	"answers: {unknown: {zh: 问, en: ask}, error: {zh: 错, en: sorry}}\n"
	"courtesy: {before: [你好, 请, 帮我, 发送], after: [谢谢, 吧, 了, please]}\n";

static const char province[] =
	"table: province\nscope: {province: js}\nports: [\"10086\"]\ncommands:\n"
	COMMAND("balance", "YE, 余额", "", ":msisdn", EXAMPLE("YE"))
	COMMAND("bill", "\"ZD {m}\"", "m: {is: month}", ":m", EXAMPLE("ZD 9"))
	COMMAND("long", "\"开通江苏{code}\"", "code: {is: service}", ":code", EXAMPLE("开通江苏X"))
	"  pattern:\n    about: x\n    match: ['HELLO JS']\n    risk: query\n    sql: SELECT 1\n"
	"    reply: {ok: {zh: 好, en: ok}}\n" EXAMPLE("HELLO JS");

static const char extension[] =
	"table: extension\nports: [\"1008601\"]\ncommands:\n"
	COMMAND("survey", "\"{n!}\", YE", "n: {is: answer}", ":n", EXAMPLE("1"));

static struct tables *parse(const struct source *source, unsigned n)
{
	struct problems problems = { .arena = arena };
	struct tables *parsed = tables_parse(source, n, &problems);

	if (problems.n)
		problems_print(stderr, &problems);
	ck_assert_uint_eq(problems.n, 0);
	return parsed;
}

static void add(const char *kind, const char *word, const char *code)
{
	vocabulary_add(vocabulary, str_z(kind), str_z(word), str_z(code));
}

static void set_up(void)
{
	const struct source source[] = {
		{ "group.yaml", str_z(group) }, { "province.yaml", str_z(province) },
		{ "extension.yaml", str_z(extension) },
	};

	arena = arena_new();
	tables = parse(source, 3);
	vocabulary = vocabulary_new();
	add("service", "CAILING", "CAILING");
	add("service", "彩铃", "CAILING");
	add("service", "LLB10", "LLB10");
	add("service", "音乐吧", "MUSIC");
	add("event", "秋季沙龙", "QIUJI");
	add("answer", "1", "one");
}

static void tear_down(void)
{
	tables_unref(&tables);
	vocabulary_unref(&vocabulary);
	arena_free(&arena);
}

static struct match ask(const char *text, const char *port, const char *in_province)
{
	/* 2026-11-22 */
	struct match_context context = {
		.vocabulary = vocabulary, .port = str_z(port), .province = str_z(in_province), .now = 1795336200,
		.asks = match_asks(str_z(text)),
	};
	struct match match;

	match_text(tables, &context, arena, fold_text(arena, str_z(text)), &match);
	return match;
}

/* What came of it, as one line: command(arguments) how, redacted text where it is secret. */
static const char *told(const struct match *m)
{
	static const char *const kind[] = { "none", "usage", "", "refused" };
	const char *line = kind[m->kind];

	if (m->command)
		line = arena_printf(arena, "%s%s%s", line, *line ? " " : "", m->command->id).ptr;
	for (unsigned k = 0; m->command && k < m->command->nargs; k++)
		if (m->arg[k].ptr)
			line = arena_printf(arena, "%s %s=%.*s", line, m->command->arg[k].name,
					    STR_ARG(m->arg[k])).ptr;
	if (m->how && m->kind == MATCH_COMMAND)
		line = arena_printf(arena, "%s %s", line, m->how).ptr;
	if (m->secret)
		line = arena_printf(arena, "%s | %.*s", line, STR_ARG(m->redacted)).ptr;
	return line;
}

static const struct { const char *text, *told; } cases[] = {
	/* exact */
	{ "YE", "group.balance exact" },
	{ " y.e ", "group.balance exact" },
	{ "ＹＥ。", "group.balance exact" },
	{ "查詢餘額", "group.balance exact" },
	{ "余 额 查 询", "group.balance exact" },
	{ "查话费查询", "group.balance exact" },
	{ "？？", "group.balance exact" },
	{ "YE?", "group.balance exact" },
	{ "YEAH", "none" },
	{ "余额宝", "none" },
	{ "", "none" },
	{ "。", "none" },
	{ "👍", "none" },
	/* arguments, with and without what parts them */
	{ "KT CAILING", "group.on code=CAILING wording" },
	{ "ktcailing", "group.on code=CAILING wording" },
	{ "KT#CAILING", "group.on code=CAILING wording" },
	{ "K T 彩 铃", "group.on code=CAILING wording" },
	{ "开通彩鈴", "group.on code=CAILING wording" },
	{ "开通彩铃业务", "group.on code=CAILING wording" },
	{ "ZD202609", "group.bill m=2026-09-01 wording" },
	{ "zd#2026.9", "group.bill m=2026-09-01 wording" },
	{ "1011#202609", "group.bill m=2026-09-01 wording" },
	{ "1011202609", "group.bill m=2026-09-01 wording" },
	{ "查9月份的话费账单", "group.bill m=2026-09-01 wording" },
	{ "上個月賬單", "group.bill m=2026-10-01 wording" },
	{ "TS 昨天 没信号", "group.complain what=昨天 没信号 wording" },
	/* what the vocabulary does not know is passed as typed, unless it must be known */
	{ "KT CAI LIN", "group.on code=CAILIN wording" },
	{ "开通菜铃", "group.on code=菜铃 wording" },
	{ "开心", "none" },
	{ "开彩铃", "group.on code=CAILING wording" },
	{ "把彩铃取消了", "group.off code=CAILING wording" },
	{ "把天窗取消了", "none" },
	{ "KT ひらがな", "usage group.on" },
	{ "开通AAAAAAAAAABBBBBBBBBBC", "none" },	/* too long for a word; the usage wants a space */
	/* the longest fixed part wins */
	{ "取消报名秋季沙龙", "group.cancel event=QIUJI wording" },
	{ "取消报名", "group.off code=报名 wording" },
	{ "QXCX", "usage group.track" },	/* rather than a service CX */
	{ "QX CX 5", "usage group.track" },
	{ "QX 5", "group.off code=5 wording" },
	{ "秋季沙龙不去了，取消报名", "group.cancel event=QIUJI wording" },
	{ "取消秋季沙龙", "group.off code=秋季沙龙 wording" },
	/* neighbouring arguments, split at each space */
	{ "CZ 1234 5678-9012 3456", "group.recharge card=1234567890123456 wording | CZ ***" },
	{ "CZ 13900139000 1234567890123456",
	  "group.other number=13900139000 card=1234567890123456 wording | CZ 13900139000 ***" },
	{ "CZ +86 139 0013 9000 1234 5678 9012 3456",
	  "group.other number=13900139000 card=1234567890123456 wording | CZ 86 139 0013 9000 ***" },
	{ "CZ*1234567890123456*13900139000#",
	  "group.other number=13900139000 card=1234567890123456 wording | CZ *** 13900139000" },
	{ "给13900139000充值1234567890123456",
	  "group.other number=13900139000 card=1234567890123456 wording | 给13900139000充值***" },
	{ "XGMM#123456#654321", "group.password old=123456 new=654321 wording | XGMM *** ***" },
	/* glued, two numbers cannot be told apart */
	{ "CZ139001390001234567890123456", "usage group.recharge | CZ ***" },
	/* a single letter is parted from its argument */
	{ "T 3", "group.vote n=3 wording" },
	{ "T3", "none" },
	{ "T", "usage group.vote" },
	{ "TEA 3", "none" },
	{ "3 V", "group.vote n=3 wording" },
	{ "3V", "none" },
	/* usage: the fixed part, then the end, a space or a digit */
	{ "CZ", "usage group.recharge" },
	{ "CZ 123", "usage group.recharge | CZ ***" },
	{ "CZ123", "usage group.recharge | CZ ***" },
	{ "CZECH REPUBLIC", "none" },
	{ "充值", "usage group.recharge" },
	{ "充值 abc", "usage group.recharge | 充值 ***" },
	{ "充值不了", "none" },
	{ "请充值", "usage group.recharge" },
	{ "ZD abc", "usage group.bill" },
	{ "1011 13", "usage group.bill | 101* **" },
	{ "10113", "group.bill m=2026-03-01 wording" },
	{ "101199", "none | 101***" },	/* a longer number, not 1011 with something behind it */
	{ "XGMM abc def", "usage group.password | XGMM ***" },
	{ "TS", "none" },	/* has no usage text */
	/* courtesies */
	{ "请查余额谢谢", "group.balance exact" },
	{ "你好，请帮我查一下", "none" },
	{ "你好 请 帮我 查余额 吧 谢谢", "group.balance exact" },
	{ "发送YE", "group.balance exact" },
	{ "YE please", "group.balance exact" },
	{ "YEPLEASE", "none" },	/* a Latin one is a word of its own */
	{ "谢谢", "none" },
	{ "请", "none" },
	{ "请请请请请请YE", "group.balance exact" },
	{ "请请请请请请请YE", "none" },	/* at most six */
	{ "开通彩铃谢谢", "group.on code=CAILING wording" },
	{ "请开通彩铃吧，谢谢", "group.on code=CAILING wording" },
	{ "开通菜铃谢谢", "group.on code=菜铃 wording" },
	{ "开通音乐吧", "group.on code=MUSIC wording" },	/* known with it */
	{ "请充值1234567890123456谢谢",
	  "group.recharge card=1234567890123456 wording | 请充值***谢谢" },
	/* digits that were meant */
	{ "OOOO", "group.menu exact" },
	{ "CZ1234567890l23456", "group.recharge card=1234567890123456 wording | CZ***" },
	{ "请充值 l234 5678 9O12 3456 谢谢",
	  "group.recharge card=1234567890123456 wording | 请充值 *** 谢谢" },
	{ "KT LLB1O", "group.on code=LLB10 wording" },
	{ "KT SOL1", "group.on code=SOL1 wording" },	/* an unknown word stays as typed */
	/* patterns come last */
	{ "A B C", "group.three a=A b=B c=C pattern | A *** C" },
	{ "A B", "group.three a=A b=B pattern | A ***" },
	{ "HELLO WORLD", "group.three pattern" },
	{ "A BC", "none" },
	/* no order at all */
	{ "我不想开通彩铃", "none" },
	{ "谁给我开通的彩铃？", "none" },
	{ "昨天我充值1234567890123456没到账", "none | 昨天我充值123*************没到账" },
	{ "验证码是482913", "none | 验证码是482***" },
};

START_TEST(texts)
{
	struct match match = ask(cases[_i].text, "10086", "");
	struct match other = ask(cases[_i].text, "10010", "zj");	/* all the same there */

	ck_assert_msg(strcmp(told(&match), cases[_i].told) == 0, "%s gives %s", cases[_i].text,
		      told(&match));
	ck_assert_str_eq(told(&match), told(&other));
	if (!match.secret)
		ck_assert(str_eq(match.redacted, fold_text(arena, str_z(cases[_i].text))));
}
END_TEST

static const struct { const char *text, *port, *province, *told; } scopes[] = {
	{ "YE", "10086", "js", "province.balance exact" },
	{ "YE", "10086", "zj", "group.balance exact" },
	{ "YE", "10010", "js", "group.balance exact" },	/* the province's are on 10086 */
	{ "查余额", "10086", "js", "group.balance exact" },
	{ "余额", "10086", "js", "province.balance exact" },
	{ "ZD 9", "10086", "js", "province.bill m=2026-09-01 wording" },
	{ "ZD 9", "10086", "zj", "group.bill m=2026-09-01 wording" },
	{ "ZD", "10086", "js", "group.bill exact" },
	{ "ZD abc", "10086", "js", "usage group.bill" },
	{ "开通江苏彩铃", "10086", "js", "province.long code=CAILING wording" },
	{ "开通江苏彩铃", "10086", "zj", "group.on code=江苏彩铃 wording" },
	{ "HELLO JS", "10086", "js", "province.pattern pattern" },
	{ "HELLO JS", "10086", "", "group.three pattern" },
	/* extensions of a port belong to it, unless they are a port of their own */
	{ "YE", "100867", "", "group.balance exact" },
	{ "YE", "1008601", "", "extension.survey exact" },
	{ "YE", "100860123", "", "extension.survey exact" },
	{ "1", "1008601", "", "extension.survey n=one wording" },
	{ "2", "1008601", "", "none" },
	{ "ZD 9", "1008601", "", "none" },
	{ "1", "10086", "", "none" },
	{ "YE", "1008", "", "none" },
	{ "YE", "95555", "", "none" },
	{ "YE", "", "", "none" },
	{ "卡号1234567890123456", "95555", "", "none | 卡号123*************" },
};

START_TEST(scope)
{
	struct match match = ask(scopes[_i].text, scopes[_i].port, scopes[_i].province);

	ck_assert_msg(strcmp(told(&match), scopes[_i].told) == 0, "%s gives %s", scopes[_i].text,
		      told(&match));
}
END_TEST

START_TEST(tells_the_wording)
{
	struct match match = ask("取消报名秋季沙龙", "10086", "");

	ck_assert_str_eq(match.wording, "取消报名{event}");
	match = ask("CZ 123", "10086", "");
	ck_assert_str_eq(match.how, "usage");
	ck_assert_str_eq(match.wording, "CZ {card}");
	match = ask("ABC", "10086", "");
	ck_assert_ptr_null(match.wording);
	ck_assert_ptr_null(match.command);
}
END_TEST

/* Folding drops the question mark, but a question is no order. */
START_TEST(asks)
{
	static const char *const question[] = { "开通彩铃？", "KT CAILING?", "开通彩铃？谢谢" };

	for (unsigned i = 0; i < tables->ncommands; i++)
		if (!strcmp(tables->command[i]->id, "group.on"))
			tables->command[i]->risk = RISK_CHARGE;
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(ask(question[i], "10086", "").kind, MATCH_USAGE);
	ck_assert_int_eq(ask("开通彩铃", "10086", "").kind, MATCH_COMMAND);
	ck_assert_int_eq(ask("余额？", "10086", "").kind, MATCH_COMMAND);
}
END_TEST

/* Without a vocabulary nothing is known, and strict wordings take nothing. */
START_TEST(without_vocabulary)
{
	vocabulary_unref(&vocabulary);
	struct match match = ask("开彩铃", "10086", "");

	ck_assert_int_eq(match.kind, MATCH_NONE);
	match = ask("KT CAILING", "10086", "");
	ck_assert_int_eq(match.kind, MATCH_COMMAND);
}
END_TEST

/* However a text is made, the work is bounded. */
START_TEST(hostile)
{
	static const char *const unit[] = { "1 ", "CZ ", "请", "A B ", "给13900139000充值", "O1 ", "查9月" };
	struct buf text = { 0 };

	buf_z(&text, _i % 2 ? "CZ " : "");
	while (text.len < 16000)
		buf_z(&text, unit[_i / 2]);
	ask(buf_cstr(&text), "10086", "js");
	buf_free(&text);
}
END_TEST

/* How the wordings expand: by number, and every expansion reaches the command. */
static const struct { const char *wording; unsigned n; const char *error; size_t at; } wordings[] = {
	{ "YE", 1, NULL, 0 },
	{ "[查](余额|话费)[查询]", 8, NULL, 0 },
	{ "[[帮我]查]余额", 3, NULL, 0 },
	{ "(a|[b|c])D", 4, NULL, 0 },
	{ "(a|a|A)", 1, NULL, 0 },
	{ "[#]KT[ ]{code}", 1, NULL, 0 },
	{ "{code!}", 1, NULL, 0 },
	{ "[1][2][3][4][5][6][7][8][9]", 0, "the wording may be empty", 0 },
	{ "X[1][2][3][4][5][6][7][8][9]", 512, NULL, 0 },
	{ "X[1][2][3][4][5][6][7][8][9][0]", 0, "more than 512", 0 },
	{ "", 0, "may be empty", 0 },
	{ "#", 0, "may be empty", 0 },
	{ "KT {code", 0, "'{' is not closed", 3 },
	{ "KT {coed}", 0, "unknown argument 'coed' (did you mean 'code'?)", 4 },
	{ "KT {xyz}", 0, "unknown argument 'xyz' (add it to args)", 4 },
	{ "KT {}", 0, "unknown argument ''", 4 },
	{ "KT code}", 0, "'}' without '{' before it", 7 },
	{ "[查余额", 0, "'[' is not closed (add ']')", 0 },
	{ "查(余额]", 0, "'(' is not closed (add ')')", 3 },
	{ "查余额)", 0, "')' without its opening bracket", 9 },
	{ "查|问", 0, "'|' stands outside of brackets", 3 },
	{ "{code}", 0, "takes any text", 0 },
	{ "[KT]{code}", 0, "takes any text", 0 },
	{ "KT {code} {code}", 0, "'code' stands twice", 0 },
	{ "KT {when!}", 0, "'!' is for what the vocabulary knows, not for the kind month", 3 },
	{ "((((((((((((((((((X))))))))))))))))))", 0, "nested too deeply", 16 },
};

static const char *wording_error;
static size_t wording_at;

static void note(void *arg, size_t offset, const char *text)
{
	(void)arg;
	wording_error = arena_z(arena, str_z(text));
	wording_at = offset;
}

START_TEST(expands)
{
	const struct command *command = NULL;
	struct skeleton *list;
	unsigned named = 0, n;
	struct problems problems = { .arena = arena };
	struct source source = { "x.yaml", STR("table: x\nports: [\"1\"]\ncommands:\n"
		COMMAND("c", "\"A {code} {when}\"", "code: {is: service}, when: {is: month}",
			":code, :when", EXAMPLE("A X 9"))) };
	struct tables *t = tables_parse(&source, 1, &problems);

	command = t->command[0];
	wording_error = NULL;
	n = wording_expand(arena, str_z(wordings[_i].wording), command, note, NULL, &list, &named);
	ck_assert_uint_eq(n, wordings[_i].n);
	if (wordings[_i].error) {
		ck_assert_msg(wording_error && strstr(wording_error, wordings[_i].error), "got %s",
			      wording_error);
		ck_assert_uint_eq(wording_at, wordings[_i].at);
	} else {
		ck_assert_ptr_null(wording_error);
	}
	tables_unref(&t);
}
END_TEST

/* Patterns that may take for ever are refused, others are not. */
static const struct { const char *pattern; bool ok; } patterns[] = {
	{ "[0-9]{16}", true },
	{ "CZ ?(?<card>\\d{16})", true },
	{ ".*账单.*", true },
	{ "(?:帮我|请)*查(?<m>.+)账单", true },
	{ "QX(?: [0-9]+)+", true },		/* the space parts them */
	{ "(?:[0-9]++ ?)+", true },
	{ "(?>[0-9]+ ?)+", true },
	{ "(?:ab?)+", true },
	{ "\\p{Han}{2,12}", true },
	{ "(?#a comment (with a bracket)X+", true },
	{ "[)(*+]+X", true },
	{ "a{,5}b{x}", true },
	{ "(a+)+$", false },
	{ "^(a+)+b", false },
	{ "XGMM (?:\\d+ ?)+", false },
	{ "(?:a|aa)+b", false },
	{ "(?:a|a)*b", false },
	{ "(?:abc|ab|c)+X", false },
	{ "(?:.*)*", false },
	{ "CZ (?:.|[0-9])*X", false },
	{ "CZ (?:[^X]+)+X", false },
	{ "(?:\\p{Han}*)+X", false },
	{ "(?:[0-9A-Z]+[ ]?)*元", false },
	{ "(?:a{1,20}){1,20}b", false },
	{ "(?:\\w+\\s?)+\\d", false },
	{ "(?:(?:x+y?)+z?)+", false },
	{ "((\\x{41}+))+B", false },
	{ "a.*b.*c.*d.*e.*f.*g.*a.*b.*c", true },
	{ "(", false },
	{ "[z-a]", false },
	{ "\\C", false },
	{ "(?<n>a)(?<n>b)", false },
};

START_TEST(pattern_danger)
{
	struct err err = { 0 };
	size_t offset;
	void *code = pattern_new(str_z(patterns[_i].pattern), &err, &offset);

	ck_assert_msg((code != NULL) == patterns[_i].ok, "%s: %s", patterns[_i].pattern, err.text);
	if (code)
		pattern_free(code);
	else
		ck_assert_uint_le(offset, strlen(patterns[_i].pattern));
}
END_TEST

START_TEST(pattern_whole_text)
{
	struct err err = { 0 };
	struct str groups[PATTERN_GROUPS_MAX];
	size_t offset;
	void *code = pattern_new(STR("(a|b)(c)?x"), &err, &offset);
	bool first[256];

	ck_assert_ptr_nonnull(code);
	ck_assert(pattern_match(code, arena, STR("AX"), groups));
	ck_assert(str_eqz(groups[0], "AX"));
	ck_assert(str_eqz(groups[1], "A"));
	ck_assert_ptr_null(groups[2].ptr);
	ck_assert(!pattern_match(code, arena, STR("AXY"), NULL));
	ck_assert(!pattern_match(code, arena, STR("YAX"), NULL));
	ck_assert(!pattern_match(code, arena, STR(""), NULL));
	pattern_first_bytes(STR("(a|b)(c)?x"), first);
	ck_assert(first['A'] && first['B'] && !first['C'] && !first['X']);
	pattern_first_bytes(STR("余额"), first);
	ck_assert(first[0xe4] && !first['A']);
	pattern_first_bytes(STR(".*"), first);
	ck_assert(first['A'] && first[0xe4]);
	pattern_free(code);
}
END_TEST

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

int main(void)
{
	Suite *suite = suite_create("match");
	TCase *tc = tcase_create("match");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_unchecked_fixture(tc, load, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, texts, 0, COUNT(cases));
	tcase_add_loop_test(tc, scope, 0, COUNT(scopes));
	tcase_add_test(tc, tells_the_wording);
	tcase_add_test(tc, asks);
	tcase_add_test(tc, without_vocabulary);
	tcase_add_loop_test(tc, hostile, 0, 14);
	tcase_add_loop_test(tc, expands, 0, COUNT(wordings));
	tcase_add_loop_test(tc, pattern_danger, 0, COUNT(patterns));
	tcase_add_test(tc, pattern_whole_text);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
