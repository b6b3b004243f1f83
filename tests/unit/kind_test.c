/* Tests of table/kind: what a span of folded text becomes. */
#include <check.h>
#include <stdlib.h>

#include "table/kind.h"
#include "text/fold.h"

static struct arena *arena;

/* 2026-11-22 16:30 in Shanghai; 2026-11-30 23:59:59 there is still November. */
static struct match_context context = { .now = 1795336200 };

static void load(void)
{
	struct err err;

	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
}

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(&arena);
}

/* As typed; NULL: it is none. */
static const struct { const char *kind, *typed, *normal; } cases[] = {
	{ "month", "202609", "2026-09-01" },
	{ "month", "2026.09", "2026-09-01" },
	{ "month", "2026-9", "2026-09-01" },
	{ "month", "2026/09", "2026-09-01" },
	{ "month", "20269", "2026-09-01" },
	{ "month", "2026年9月", "2026-09-01" },
	{ "month", "2026年09月份", "2026-09-01" },
	{ "month", "2026 年 9 月", "2026-09-01" },
	{ "month", "2026年9", "2026-09-01" },
	{ "month", "26年9月", "2026-09-01" },
	{ "month", "２０２６０９", "2026-09-01" },
	{ "month", "2026年十二月", "2026-12-01" },
	{ "month", "9月", "2026-09-01" },
	{ "month", "9月份", "2026-09-01" },
	{ "month", "09", "2026-09-01" },
	{ "month", "9", "2026-09-01" },
	{ "month", "九月", "2026-09-01" },
	{ "month", "九月份", "2026-09-01" },
	{ "month", "十月", "2026-10-01" },
	{ "month", "11", "2026-11-01" },	/* the one that runs */
	{ "month", "十一月", "2026-11-01" },
	{ "month", "12", "2025-12-01" },	/* not after now */
	{ "month", "十二月", "2025-12-01" },
	{ "month", "去年9月", "2025-09-01" },
	{ "month", "今年 9月", "2026-09-01" },
	{ "month", "上个月", "2026-10-01" },
	{ "month", "上個月", "2026-10-01" },
	{ "month", "上月", "2026-10-01" },
	{ "month", "上月份", "2026-10-01" },
	{ "month", "上上个月", "2026-09-01" },
	{ "month", "本月", "2026-11-01" },
	{ "month", "这个月", "2026-11-01" },
	{ "month", "当月", "2026-11-01" },
	{ "month", "last month", "2026-10-01" },
	{ "month", "This Month", "2026-11-01" },
	{ "month", "Sep", "2026-09-01" },
	{ "month", "september 2025", "2025-09-01" },
	{ "month", "203001", "2030-01-01" },	/* the SQL knows that there is none yet */
	{ "month", "13", NULL },
	{ "month", "0", NULL },
	{ "month", "202613", NULL },
	{ "month", "202600", NULL },
	{ "month", "2026", NULL },
	{ "month", "2609", NULL },
	{ "month", "0000 9", NULL },
	{ "month", "1800年9月", NULL },
	{ "month", "2026091", NULL },
	{ "month", "9月8日", NULL },
	{ "month", "SEPT X", NULL },
	{ "month", "月", NULL },
	{ "month", "ABC", NULL },
	{ "money", "20", "20.00" },
	{ "money", "20.5", "20.50" },
	{ "money", "20.50", "20.50" },
	{ "money", "20.00", "20.00" },
	{ "money", "0.01", "0.01" },
	{ "money", "20元", "20.00" },
	{ "money", "20 元", "20.00" },
	{ "money", "20.5元", "20.50" },
	{ "money", "20块", "20.00" },
	{ "money", "20块钱", "20.00" },
	{ "money", "20块5", "20.50" },
	{ "money", "20元5角", "20.50" },
	{ "money", "20元5毛", "20.50" },
	{ "money", "￥20", "20.00" },
	{ "money", "¥ 20.05", "20.05" },
	{ "money", "RMB20", "20.00" },
	{ "money", "20 yuan", "20.00" },
	{ "money", "1,000", NULL },	/* folded it might be 1.000 */
	{ "money", "1,000.50", NULL },
	{ "money", "0020", "20.00" },
	{ "money", "1000000", "1000000.00" },
	{ "money", "12345678", NULL },
	{ "money", "2 0", NULL },	/* 2.0, or 20? */
	{ "money", "20.555", NULL },
	{ "money", "二十", NULL },
	{ "money", "元", NULL },
	{ "money", "20元钱啊", NULL },
	{ "money", "20元55", NULL },
	{ "money", "20.5元5角", NULL },
	{ "money", "-", NULL },
	{ "msisdn", "13900139000", "13900139000" },
	{ "msisdn", "139 0013 9000", "13900139000" },
	{ "msisdn", "+86 139-0013-9000", "13900139000" },
	{ "msisdn", "008613900139000", "13900139000" },
	{ "msisdn", "12900139000", NULL },
	{ "msisdn", "1390013900", NULL },
	{ "msisdn", "10086", NULL },
	{ "digits", "1234 5678-9012 3456", "1234567890123456" },
	{ "digits", "007", "007" },
	{ "digits", "12a", NULL },
	{ "items", "1", "1" },
	{ "items", "1，3 5", "1,3,5" },
	{ "items", "1,2、3。", "1,2,3" },
	{ "items", "1和3", "1,3" },
	{ "items", "第2项", "2" },
	{ "items", "12 03", "12,3" },
	{ "items", "0", NULL },
	{ "items", "1 0", NULL },
	{ "items", "1234", NULL },
	{ "items", "全部", NULL },
	{ "items", "1 彩铃", NULL },
	{ "password", "123456", "123456" },
	{ "password", "123 456", "123456" },
	{ "password", "123", NULL },
	{ "password", "123456789", NULL },
	{ "password", "12345a", NULL },
	{ "new_password", "654321", "654321" },
	{ "number", "3", "3" },
	{ "number", "007", "7" },
	{ "number", "0", "0" },
	{ "number", "000", "0" },
	{ "number", "999999999", "999999999" },
	{ "number", "1234567890", NULL },
	{ "number", "1 2", NULL },
	{ "number", "x", NULL },
	{ "word", "abc", "ABC" },
	{ "word", "没信号", "没信号" },
	{ "word", "a b", NULL },
	{ "text", "昨天 没信号", "昨天 没信号" },
};

START_TEST(normal)
{
	const struct kind *kind = kind_builtin(str_z(cases[_i].kind));
	struct kind_value value = { 0 };
	struct str span = fold_text(arena, str_z(cases[_i].typed));
	bool ok = kind->normal(kind, arena, &context, span, &value);

	ck_assert_msg(ok == (cases[_i].normal != NULL), "%s", cases[_i].typed);
	if (!ok)
		return;
	ck_assert(value.known);
	ck_assert_msg(str_eqz(value.text, cases[_i].normal), "%s gives %.*s", cases[_i].typed,
		      STR_ARG(value.text));
}
END_TEST

static struct str month_of(const char *typed, time_t now)
{
	const struct kind *kind = kind_builtin(STR("month"));
	struct match_context at = { .now = now };
	struct kind_value value = { 0 };

	ck_assert(kind->normal(kind, arena, &at, fold_text(arena, str_z(typed)), &value));
	return value.text;
}

/* Months are those of Shanghai, eight hours ahead. */
START_TEST(month_ends_in_shanghai)
{
	const time_t december = 1796054400;	/* 2026-11-30 16:00:00 UTC */

	ck_assert(str_eqz(month_of("本月", december - 1), "2026-11-01"));
	ck_assert(str_eqz(month_of("本月", december), "2026-12-01"));
	ck_assert(str_eqz(month_of("12", december - 1), "2025-12-01"));
	ck_assert(str_eqz(month_of("12", december), "2026-12-01"));
	ck_assert(str_eqz(month_of("上个月", 1798732800), "2026-12-01"));	/* in January 2027 */
}
END_TEST

START_TEST(vocabulary_kind)
{
	struct vocabulary *vocabulary = vocabulary_new();
	struct match_context with = { .vocabulary = vocabulary };
	const struct kind *kind = kind_vocabulary(arena, "service");
	struct kind_value value;

	vocabulary_add(vocabulary, STR("service"), STR("彩铃"), STR("CAILING"));
	ck_assert(kind->vocabulary);
	ck_assert(kind->normal(kind, arena, &with, STR("彩 铃"), &value));
	ck_assert(value.known && str_eqz(value.text, "CAILING"));
	ck_assert(kind->normal(kind, arena, &with, STR("菜 铃"), &value));
	ck_assert(!value.known && str_eqz(value.text, "菜铃"));
	ck_assert(kind->normal(kind, arena, &context, STR("彩铃"), &value));
	ck_assert(!value.known && str_eqz(value.text, "彩铃"));
	vocabulary_unref(&vocabulary);
}
END_TEST

START_TEST(word_like)
{
	ck_assert(kind_word_like(STR("A")));
	ck_assert(kind_word_like(STR("10元流量包")));
	ck_assert(kind_word_like(STR("𠮷野家")));
	ck_assert(kind_word_like(STR("一二三四五六七八九十一二三四五六七八九十")));
	ck_assert(!kind_word_like(STR("一二三四五六七八九十一二三四五六七八九十一")));
	ck_assert(!kind_word_like(STR("")));
	ck_assert(!kind_word_like(STR("A B")));
	ck_assert(!kind_word_like(STR("caf\xc3\xa9")));
	ck_assert(!kind_word_like(STR("ひらがな")));
	ck_assert(!kind_word_like(STR("👍")));
	ck_assert(!kind_word_like(STR("¥20")));
	ck_assert(!kind_word_like(STR("\xe5\xbd")));	/* a half character */
}
END_TEST

START_TEST(near)
{
	ck_assert_str_eq(kind_near(STR("mounth"))->name, "month");
	ck_assert_str_eq(kind_near(STR("msisdm"))->name, "msisdn");
	ck_assert_str_eq(kind_near(STR("numbers"))->name, "number");
	ck_assert_ptr_null(kind_near(STR("service")));
	ck_assert_ptr_null(kind_near(STR("event")));
	ck_assert_ptr_null(kind_near(STR("plan")));
	ck_assert_ptr_null(kind_builtin(STR("service")));
	ck_assert_ptr_null(kind_builtin(STR("")));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kind");
	TCase *tc = tcase_create("kind");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_unchecked_fixture(tc, load, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, normal, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, month_ends_in_shanghai);
	tcase_add_test(tc, vocabulary_kind);
	tcase_add_test(tc, word_like);
	tcase_add_test(tc, near);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
