/* Tests of table/nearest: what a slip was meant for, by the tables and words of the demonstration.  Runs
 * in the root of the checkout, where commands/ is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "table/nearest.h"
#include "table/nearest_cost.h"
#include "table/problems.h"
#include "table/tables_dir.h"
#include "text/fold.h"

enum { NOW = 1795336200 };	/* 2026-11-22 */

static struct tables *tables;	/* of commands/, for all tests */
static struct vocabulary *vocabulary;
static struct nearest_index *tables_index;
static struct nearest_words *words;
static struct arena *arena, *kept;

static const struct {
	const char *kind, *word, *code;
} vocabulary_words[] = {
	{ "service", "CAILING", "CAILING" },
	{ "service", "彩铃", "CAILING" },
	{ "service", "Color Ring", "CAILING" },
	{ "service", "炫铃", "CAILING" },
	{ "service", "CL", "CAILING" },
	{ "service", "LDXS", "LDXS" },
	{ "service", "来电显示", "LDXS" },
	{ "service", "Caller ID", "LDXS" },
	{ "service", "来显", "LDXS" },
	{ "service", "LLB10", "LLB10" },
	{ "service", "10元流量包", "LLB10" },
	{ "service", "SJB", "SJB" },
	{ "service", "手机报", "SJB" },
	{ "service", "Mobile News", "SJB" },
	{ "service", "YXB", "YXB" },
	{ "service", "游戏包", "YXB" },
	{ "service", "Games Pack", "YXB" },
	{ "service", "CXTY", "CXTY" },
	{ "service", "彩信体验", "CXTY" },
	{ "event", "QIUJI", "QIUJI" },
	{ "event", "秋季沙龙", "QIUJI" },
	{ "event", "Autumn Salon", "QIUJI" },
	{ "event", "JKJZ", "JKJZ" },
	{ "event", "健康讲座", "JKJZ" },
	{ "event", "5GTY", "5GTY" },
	{ "event", "5G体验", "5GTY" },
	{ "event", "MANYUAN", "MANYUAN" },
	{ "event", "满员讲座", "MANYUAN" },
	{ "event", "CHUNJI", "CHUNJI" },
	{ "event", "春季沙龙", "CHUNJI" },
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static void load(void)
{
	struct problems problems = { .arena = arena_new() };
	struct err err;

	kept = problems.arena;
	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
	tables = tables_parse_dir("commands", &problems);
	if (problems.errors)
		problems_print(stderr, &problems);
	ck_assert_uint_eq(problems.errors, 0);
	vocabulary = vocabulary_new();
	for (unsigned i = 0; i < COUNT(vocabulary_words); i++)
		vocabulary_add(vocabulary, str_z(vocabulary_words[i].kind),
			       str_z(vocabulary_words[i].word), str_z(vocabulary_words[i].code));
	tables_index = nearest_index_new(tables);
	words = nearest_words_new(vocabulary);
}

static void unload(void)
{
	nearest_index_free(&tables_index);
	ck_assert_ptr_null(tables_index);
	nearest_words_free(&words);
	ck_assert_ptr_null(words);
	vocabulary_unref(&vocabulary);
	tables_unref(&tables);
	arena_free(&kept);
}

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(&arena);
}

static struct match_context context_of(const char *text)
{
	return (struct match_context){ .vocabulary = vocabulary,
				       .port = STR("10086"),
				       .province = STR("js"),
				       .now = NOW,
				       .asks = match_asks(str_z(text)) };
}

static struct nearest find(const char *text)
{
	struct match_context context = context_of(text);
	struct nearest nearest;

	nearest_find(tables_index, words, &context, arena, fold_text(arena, str_z(text)), &nearest);
	return nearest;
}

/* "services.service_on: KT CAILING", clear ones with a ! before it, usage with a ?. */
static const char *told(const struct nearest *n)
{
	const char *line = "";

	for (unsigned i = 0; i < n->n; i++)
		line = arena_printf(arena, "%s%s%s%s%s: %.*s", line, i ? " | " : "",
				    !i && n->clear ? "!" : "", n->hit[i].usage ? "?" : "",
				    n->hit[i].command->id, STR_ARG(n->hit[i].shown)).ptr;
	return line;
}

/* What every answer must be, whatever was asked. */
static void check_hits(const char *text, const struct nearest *n)
{
	struct match_context context = context_of(text);
	struct match match;

	ck_assert_uint_le(n->n, NEAREST_MAX);
	ck_assert(n->n || !n->clear);
	context.asks = false;
	for (unsigned i = 0; i < n->n; i++) {
		const struct nearest_hit *hit = &n->hit[i];

		match_text(tables, &context, arena, hit->text, &match);
		ck_assert_msg(match.command == hit->command, "%s: %.*s does not reach %s", text,
			      STR_ARG(hit->text), hit->command->id);
		ck_assert_int_eq(match.kind, hit->usage ? MATCH_USAGE : MATCH_COMMAND);
		ck_assert_int_eq(match.secret, hit->secret);
		ck_assert(str_eq(hit->text, fold_text(arena, hit->text)));
		ck_assert(hit->secret || str_eq(hit->text, hit->shown));
		ck_assert(!hit->secret || memmem(hit->shown.ptr, hit->shown.len, "***", 3));
		ck_assert_uint_ge(hit->distance, 1);
		ck_assert_uint_le(hit->distance, 2);
		ck_assert(!i || n->hit[i - 1].distance <= hit->distance);
	}
}

/* The best guess; with a !, also that it is clear, where no table is likely to get in the way. */
static const struct { const char *text, *told; } slips[] = {
	/* the vocabulary's words */
	{ "KT CAILIN", "!services.service_on: KT CAILING" },
	{ "开通菜铃", "!services.service_on: 开通彩铃" },
	{ "QX CAILNG", "!services.service_off: QX CAILING" },
	{ "BM QIUJ", "!events.signup: BM QIUJI" },
	{ "KT LDX", "!services.service_on: KT LDXS" },
	{ "报名秋季沙拉", "!events.signup: 报名秋季沙龙" },
	{ "取消彩玲", "!services.service_off: 取消彩铃" },
	{ "ＫＴ　ＣＩＡＬＩＮＧ", "!services.service_on: KT CAILING" },
	{ "ktcailng", "!services.service_on: KT CAILING" },
	{ "KT#CAILLING", "!services.service_on: KT CAILING" },
	{ "KT LDSX", "!services.service_on: KT LDXS" },
	{ "开通来电显是", "!services.service_on: 开通来电显示" },
	{ "开通手机包", "!services.service_on: 开通手机报" },
	{ "开通游戏宝业务", "!services.service_on: 开通游戏包" },
	{ "开通10元留量包", "!services.service_on: 开通10元流量包" },
	{ "取消來電顯", "!services.service_off: 取消来电显示" },
	{ "报名健康讲坐", "!events.signup: 报名健康讲座" },
	{ "报名5G体检", "!events.signup: 报名5G体验" },
	{ "BM JKZJ", "!events.signup: BM JKJZ" },
	{ "QXBM QIUJ", "!events.cancel: QXBM QIUJI" },
	{ "activate colour ring", "!services.service_on: ACTIVATE COLORRING" },
	{ "turn on color rng", "!services.service_on: TURN ON COLORRING" },
	{ "caling on", "!services.service_on: CAILING ON" },
	{ "CAILIN", "!services.service_about: CAILING" },
	{ "彩玲", "!services.service_about: 彩铃" },
	{ "帮我取消彩玲谢谢", "!services.service_off: 取消彩铃" },
	/* fixed parts: keys beside each other, swapped, doubled, missing */
	{ "KY CAILING", "services.service_on: KT CAILING" },
	{ "QUXAIO CAILING", "!services.service_off: QUXIAO CAILING" },
	{ "KIATONG LLB10", "!services.service_on: KAITONG LLB10" },
	{ "YEE", "bills.balance: YE" },
	{ "CXLLL", "bills.data: CXLL" },
	{ "GPSR", "bills.data: GPRS" },
	{ "balanse", "!bills.balance: BALANCE" },
	{ "my blance", "!bills.balance: MY BALANCE" },
	{ "how much is lefft", "!bills.balance: HOW MUCH IS LEFT" },
	{ "POINST", "bills.points: POINTS" },
	{ "my evnts", "!events.mine: MY EVENTS" },
	{ "HLEP", "answers.help: HELP" },
	{ "zhangdna", "!bills.bill: ZHANGDAN" },
	{ "bil last month", "!bills.bill: BILL LAST MONTH" },
	{ "ZDD 9", "bills.bill: ZD 9" },
	{ "ZX 202609", "bills.bill: ZD 202609" },
	/* Chinese that sounds alike, and what the tables spell wrongly is not shown */
	{ "凯通踩铃", "!services.service_on: 开通彩铃" },
	{ "开痛采铃", "!services.service_on: 开通彩铃" },
	{ "取销彩玲", "!services.service_off: 取消彩铃" },
	{ "抱名健康讲坐", "!events.signup: 报名健康讲座" },
	{ "查余饿", "!bills.balance: 查余额" },
	{ "餘餓", "!bills.balance: 余额" },
	{ "查流两", "!bills.data: 查流量" },
	{ "流凉查询", "!bills.data: 流量查询" },
	{ "积分查寻", "!bills.points: 积分查询" },
	{ "菜丹", "!answers.menu: 菜单" },
	{ "使用帮住", "!answers.help: 使用帮助" },
	{ "本月账但", "!bills.bill: 本月账单" },
	{ "冲直1234567890123456", "!recharge.recharge: 充值***" },
	{ "充直", "?recharge.recharge: 充值" },
	/* pinyin, initials */
	{ "chahuafe", "!bills.balance: CHAHUAFEI" },
	{ "chaxunliuliang", "!bills.data: 查询流量" },
	{ "shiyongbangzhu", "!answers.help: 使用帮助" },
	{ "CYE", "bills.balance: 查余额" },
	{ "CXJFYE", "bills.points: 查询积分余额" },
	{ "WDJF", "bills.points: 我的积分" },
	{ "DG SJP", "services.service_on: DG SJB" },
	/* arguments: swapped, glued, wrongly parted; never changed */
	{ "CZ139001390001234567890123456", "!recharge.recharge_other: CZ 13900139000 ***" },
	{ "CZ1390013900O1234567890123456", "!recharge.recharge_other: CZ 13900139000 ***" },
	{ "CZ13900139000和1234567890123456", "!recharge.recharge_other: CZ 13900139000 ***" },
	{ "top up 1234567890123456 with 13900139000",
	  "!recharge.recharge_other: TOPUP 13900139000 WITH ***" },
	{ "给1234567890123456充值13900139000", "!recharge.recharge_other: 13900139000充值***" },
	{ "RECHRGE 1234567890123456", "!recharge.recharge: RECHARGE ***" },
	/* near to two, or another number: offered, but not clear */
	{ "ball", "bills.balance: BAL" },
	{ "KT LLB100", "services.service_on: KT LLB10" },
	{ "QX LLB20", "services.service_off: QX LLB10" },
	{ "CXTV", "bills.plan: CXTC" },
};

/* Lists are gone through in one test each: a process for every text would take longer than the texts. */
static const char *complain(const char *so_far, const char *text, const char *line)
{
	return arena_printf(arena, "%s\n%s gives %s", so_far, text, line).ptr;
}

START_TEST(meant)
{
	const char *wrong = "";

	for (unsigned i = 0; i < COUNT(slips); i++) {
		struct nearest n = find(slips[i].text);
		const char *line = told(&n), *want = slips[i].told;

		check_hits(slips[i].text, &n);
		if (*want != '!' && *line == '!')
			line++;
		if (strncmp(line, want, strlen(want)) || !strchr(" ", line[strlen(want)]))
			wrong = complain(wrong, slips[i].text, line);
	}
	ck_assert_str_eq(wrong, "");
}
END_TEST

static const char *const others[] = {
	/* refused, asked, quoted, told */
	"我不想开通菜铃", "不要开通彩玲", "别取消彩玲", "请勿开通菜铃", "没开通菜铃",
	"不报名秋季沙拉", "彩玲不要取消", "谁给我开通的菜铃", "开通菜铃了吗", "为什么开通彩玲",
	"怎么开通菜铃的", "开通菜铃失败", "他开通菜铃", "朋友说开通彩玲", "如果取消彩玲",
	"昨天开通菜铃", "回复KT CAILIN", "转发KT CAILIN", "don't KT CAILIN",
	"never cancel color rin", "开通菜铃？", "KT CAILIN?", "昨天我充直1234567890123456没到账",
	"妈，我到了，余饿宝密码改了", "我们家小孩昨天用我的手机开通了一个什么菜铃业务",
	/* talk */
	"谢谢", "你好", "在吗", "早上好", "哈哈哈", "辛苦了！", "thank you", "hello",
	"good morning", "ok", "bye", "no", "yes", "lol", "今天天气怎么样", "晚上几点回家吃饭",
	"开门", "开心", "订个外卖", "取消会议", "报名考试", "彩票", "学费", "密码", "余生", "流星",
	"开通信用卡", "充电", "人工服务", "我爱你",
	/* too short, numbers, keys at random */
	"", "Y", "是", "1", "11", "88", "13900139000", "120", "验证码是482913", "asdfgh", "qwer",
	"zxcvbnm", "👍", ".", "1234567890123456",
	/* cards and numbers are not mended */
	"CZ 123456789012345", "CZ 12345678901234567", "CZ 1390013900 1234567890123456", "ZD 203013",
	"CZ1390013900012345678901234567",
};

START_TEST(not_meant)
{
	const char *wrong = "";

	for (unsigned i = 0; i < COUNT(others); i++) {
		struct nearest n = find(others[i]);

		ck_assert(n.n || !n.clear);
		if (n.n)
			wrong = complain(wrong, others[i], told(&n));
	}
	ck_assert_str_eq(wrong, "");
}
END_TEST

/* What is understood as it is needs no guess. */
static const char *const understood[] = {
	"YE",
	"查余额",
	"KT CAILING",
	"开通彩铃",
	"请帮我开通彩铃，谢谢",
	"CZ",
	"充值",
	"CZ 1234567890123456",
	"CZ 13900139000 1234567890123456",
	"BM QIUJI",
	"ZD 9",
	"0000",
	"HELP",
	"how much is left",
};

START_TEST(needs_no_guess)
{
	const char *wrong = "";

	for (unsigned i = 0; i < COUNT(understood); i++) {
		struct nearest n = find(understood[i]);

		if (n.n)
			wrong = complain(wrong, understood[i], told(&n));
	}
	ck_assert_str_eq(wrong, "");
}
END_TEST

/* A question is offered nothing that changes anything. */
START_TEST(questions)
{
	struct nearest n = find("查余饿？");

	ck_assert_str_eq(told(&n), "!bills.balance: 查余额");
	n = find("取消彩玲？");
	ck_assert_uint_eq(n.n, 0);
}
END_TEST

START_TEST(other_ports)
{
	struct match_context context = { .vocabulary = vocabulary,
					 .port = STR("95555"),
					 .now = NOW };
	struct nearest n;

	nearest_find(tables_index, words, &context, arena, STR("YEE"), &n);
	ck_assert_uint_eq(n.n, 0);
	context.port = STR("1008601");
	nearest_find(tables_index, words, &context, arena, STR("YEE"), &n);
	ck_assert_uint_eq(n.n, 1);
}
END_TEST

/* Without words, what holds none is found all the same. */
START_TEST(without_words)
{
	struct match_context context = { .port = STR("10086"), .now = NOW };
	struct nearest n;

	nearest_find(tables_index, NULL, &context, arena, STR("KT CAILIN"), &n);
	ck_assert_uint_eq(n.n, 0);
	nearest_find(tables_index, NULL, &context, arena, STR("BALANSE"), &n);
	ck_assert_str_eq(told(&n), "!bills.balance: BALANCE");
}
END_TEST

/* Small tables of our own: provinces, ranking, what only this file's commands can show. */

#define COMMAND(name, say, args, params, risk)						\
	"  " name ":\n    about: x\n    say: [" say "]\n    args: {" args "}\n"		\
	"    risk: " risk "\n    sql: SELECT f(" params ")\n    reply: {ok: {zh: 好, en: ok}}\n"
#define EXAMPLE(text) "    examples: [{text: \"" text "\"}]\n"

static const char group[] = "table: group\nports: [\"10086\"]\ncommands:\n" COMMAND(
	"vote", "\"T {n}\"", "n: {is: number}", ":n",
	"query") EXAMPLE("T 3") COMMAND("risky", "ABCDE", "", ":msisdn",
					"charge") EXAMPLE("ABCDE") COMMAND("harmless", "ABCDX", "",
									   ":msisdn", "query")
	EXAMPLE("ABCDX") COMMAND("reset", "重置密码", "", ":msisdn", "identity") EXAMPLE(
		"重置密码") COMMAND("pair", "\"XGMM {a} {b}\"",
				    "a: {is: digits, pattern: '[0-9]{6}', secret: true},"
				    " b: {is: digits, pattern: '[0-9]{6}', secret: true}",
				    ":a, :b", "identity") EXAMPLE("XGMM 123456 654321")
		COMMAND("loose", "\"XY {a} {b}\"", "a: {is: digits}, b: {is: digits}", ":a, :b",
			"query") EXAMPLE("XY 1 2") COMMAND("say", "\"SPEAK {what}\", \"TS {what}\"",
							   "what: {is: text}", ":what", "query")
			EXAMPLE("SPEAK x") "answers: {unknown: {zh: 问, en: ask}, error: {zh: 错, en: sorry}}\n";

static const char province[] =
	"table: province\nscope: {province: zj}\nports: [\"10086\"]\ncommands:\n"
	COMMAND("local", "XIHU, ABCDX", "", ":msisdn", "query") EXAMPLE("XIHU");

static const struct { const char *text, *province, *told; } small[] = {
	{ "T3", "", "group.vote: T 3" },
	{ "T1234", "", "!group.vote: T 1234" },
	{ "TEA", "", "" },
	/* clear: one character of five, of four only where keys or ears explain it */
	{ "ABXYZ", "", "" },
	{ "XIHE", "zj", "province.local: XIHU" },
	{ "XIHI", "zj", "!province.local: XIHU" },
	/* as near as each other: the harmless one first */
	{ "ABCDF", "", "group.harmless: ABCDX | group.risky: ABCDE" },
	{ "ABCD", "", "group.harmless: ABCDX | group.risky: ABCDE" },
	{ "XIHUU", "zj", "!province.local: XIHU" },
	{ "XIHUU", "", "" },
	{ "ABCD", "zj", "province.local: ABCDX | group.risky: ABCDE" },
	/* 重 has two readings */
	{ "CZMM", "", "!group.reset: 重置密码" },
	{ "chongzhimima", "", "!group.reset: 重置密码" },
	{ "虫直密马", "", "!group.reset: 重置密码" },
	/* glued: only where they can be parted in one way */
	{ "XGMM123456654321", "", "!group.pair: XGMM *** ***" },
	{ "XGM 123456 654321", "", "!group.pair: XGMM *** ***" },
	{ "XGMM12345665432", "", "" },
	{ "XY 123456", "", "" },
	/* what takes any word wants a fixed part that is surely meant */
	{ "SPAEK signal", "", "!group.say: SPEAK SIGNAL" },
	{ "SPAEKABOUT", "", "" },
	{ "TA about it", "", "" },
};

START_TEST(small_tables)
{
	const struct source source[] = {
		{ "group.yaml", str_z(group) }, { "province.yaml", str_z(province) },
	};
	struct problems problems = { .arena = arena };
	struct tables *own = tables_parse(source, 2, &problems);
	struct nearest_index *index = nearest_index_new(own);
	const char *wrong = "";

	ck_assert_uint_eq(problems.errors, 0);
	ck_assert_uint_gt(nearest_index_size(index), 0);
	for (unsigned i = 0; i < COUNT(small); i++) {
		struct match_context context = { .vocabulary = vocabulary, .port = STR("10086"),
						 .province = str_z(small[i].province), .now = NOW };
		struct nearest n;

		nearest_find(index, words, &context, arena, fold_text(arena, str_z(small[i].text)),
			     &n);
		if (strcmp(told(&n), small[i].told))
			wrong = complain(wrong, small[i].text, told(&n));
	}
	ck_assert_str_eq(wrong, "");
	nearest_index_free(&index);
	tables_unref(&own);
}
END_TEST

/* Long texts, and such as hold much that is near: little memory, whatever they are. */
START_TEST(bounds)
{
	static const char *const unit[] = {
		"KT",	      "查",  "1 ", "开通彩玲",	       "CZ 139001390001234567890123456 ",
		"把彩玲取消", "O1 ", "请", "\xf0\x9f\x91\x8d", "查询流量余额",
		"取消我的",
	};
	struct buf text = { 0 };

	for (unsigned times = 1; text.len < 20000; times++) {
		buf_z(&text, unit[_i]);
		size_t before = arena_size(arena);
		struct nearest n = find(buf_cstr(&text));

		check_hits(buf_cstr(&text), &n);
		ck_assert_uint_le(arena_size(arena) - before, 512 * 1024 + 64 * text.len);
		if (times > 40)
			while (text.len < 20000)
				buf_z(&text, unit[_i]);
	}
	buf_free(&text);
}
END_TEST

static void symbols(const char *text, struct symbol *out, unsigned *n_r)
{
	struct str rest = fold_text(arena, str_z(text));

	for (*n_r = 0; rest.len; ) {
		unsigned len = (unsigned char)*rest.ptr < 0x80 ? 1 : 3;
		uint32_t c = (unsigned char)*rest.ptr;

		if (len == 3)
			c = (c & 0xf) << 12 | ((unsigned char)rest.ptr[1] & 0x3f) << 6 |
			    ((unsigned char)rest.ptr[2] & 0x3f);
		out[(*n_r)++] = nearest_symbol(c);
		str_skip(&rest, len);
	}
}

/* In quarters of an edit. */
static const struct {
	const char *form, *text;
	unsigned cost;
} costs[] = {
	{ "KT", "KT", 0 },	     { "KT", "KY", 3 },
	{ "KT", "TK", 3 },	     { "KT", "KP", 4 },
	{ "KT", "KTT", 2 },	     { "CXLL", "CXL", 2 },
	{ "CXLL", "CLL", 4 },	     { "CXLL", "CXLI", 1 },
	{ "10086", "1OO86", 2 },     { "102", "103", 6 },
	{ "102", "120", 4 },	     { "开通", "凯通", 1 },
	{ "开通", "凯痛", 2 },	     { "彩铃", "彩林", 2 },
	{ "重置", "虫置", 1 },	     { "余额", "余款", 4 },
	{ "余额", "额余", 3 },	     { "余额", "YE", 16 },
	{ "查余额", "查下余额", 2 }, { "ABC", "ABCDEF", COST_FAR },
};

START_TEST(cost)
{
	struct symbol form[SYMBOLS_MAX], text[SYMBOLS_MAX];
	unsigned char out[SYMBOLS_MAX + 1];
	unsigned m, n;

	for (unsigned i = 0; i < COUNT(costs); i++) {
		symbols(costs[i].form, form, &m);
		symbols(costs[i].text, text, &n);
		nearest_cost(form, m, text, n, COST_FAR, out);
		ck_assert_msg(out[n] == costs[i].cost, "%s for %s costs %u", costs[i].text,
			      costs[i].form, out[n]);
	}
}
END_TEST

START_TEST(readings)
{
	struct reading zhong = nearest_reading(0x91CD), lv = nearest_reading(0x7EFF);

	ck_assert_str_eq(pinyin_syllable[zhong.first], "ZHONG");
	ck_assert_str_eq(pinyin_syllable[zhong.second], "CHONG");
	ck_assert_str_eq(pinyin_syllable[lv.first], "LV");
	ck_assert_uint_eq(nearest_reading('A').first, 0);
	ck_assert_uint_eq(nearest_reading(0x20000).first, 0);
	ck_assert_uint_eq(pinyin_blurred[nearest_reading(0x94C3).first],	/* 铃 */
			  pinyin_blurred[nearest_reading(0x6797).first]);	/* 林 */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nearest");
	TCase *tc = tcase_create("nearest");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, load, unload);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, meant);
	tcase_add_test(tc, not_meant);
	tcase_add_test(tc, needs_no_guess);
	tcase_add_test(tc, questions);
	tcase_add_test(tc, other_ports);
	tcase_add_test(tc, without_words);
	tcase_add_test(tc, small_tables);
	tcase_add_loop_test(tc, bounds, 0, 11);
	tcase_add_test(tc, cost);
	tcase_add_test(tc, readings);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
