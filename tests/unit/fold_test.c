/* Tests of text/fold. */
#include <check.h>
#include <stdlib.h>

#include "text/fold.h"
#include "text/utf8.h"

#define BAD "\xEF\xBF\xBD"

static struct arena *arena;

/* Once for all tests: each runs in a fork of this process. */
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

static const struct { const char *in, *out; } folds[] = {
	{ "", "" },
	{ "YE", "YE" },
	{ "ye", "YE" },
	{ "ｃｘｙｅ。", "CXYE" },
	{ "查餘額", "查余额" },
	{ "查詢餘額", "查询余额" },
	{ " y e ", "Y E" },
	{ "KT+CAILING", "KT CAILING" },
	{ "ＫＴ　ＣＡＩＬＩＮＧ。", "KT CAILING" },
	{ "\"YE\"", "YE" },
	{ "“YE”", "YE" },
	{ "【YE】", "YE" },
	{ "《YE》「YE」(YE)[YE]{YE}<YE>", "YE YE YE YE YE YE" },
	{ "´YE`", "YE" },
	{ "ZD2026.09", "ZD2026 09" },
	{ "CZ*139*12#", "CZ 139 12" },
	{ "ＢＬ＃１３９＊１", "BL 139 1" },
	{ "請幫我開通彩鈴，謝謝", "请帮我开通彩铃 谢谢" },
	{ "資費套餐", "资费套餐" },
	{ "查8月帳單", "查8月帐单" },
	{ "帐单", "帐单" },
	{ "査余额", "查余额" },
	/* every separator of ASCII, and kin of theirs */
	{ "a!b\"c#d%e&f'g(h)i*j+k,l-m.n/o", "A B C D E F G H I J K L M N O" },
	{ "a:b;c<d=e>f@g[h\\i]j^k_l`m{n|o}p~q", "A B C D E F G H I J K L M N O P Q" },
	{ "a、b，c。d；e：f！g…h—i·j～k｜l＼m／n", "A B C D E F G H I J K L M N" },
	{ "a‐b‑c–d−e∶f∕g", "A B C D E F G" },
	{ "a \t\r\n b", "A B" },
	{ "a\x01\x7f" "b", "A B" },
	{ "a\xC2\xA0" "b\xE3\x80\x80" "c\xE2\x80\xA8" "d", "A B C D" },
	{ "##a##", "A" },
	/* symbols with a meaning stay */
	{ "$5 ¥6 ￥7 €8 5%", "$5 ¥6 ¥7 €8 5" },
	{ "👍", "👍" },
	{ "好的👍", "好的👍" },
	{ "二〇二六年", "二〇二六年" },
	{ "九月", "九月" },
	/* zero width, BOM, dress of emoji */
	{ "\xEF\xBB\xBF" "YE", "YE" },
	{ "Y\xE2\x80\x8B" "E\xE2\x80\x8D\xC2\xAD", "YE" },
	{ "❤️", "❤" },
	{ "👨‍👩", "👨👩" },
	{ "👍🏽", "👍" },
	{ "1️⃣", "1" },
	/* compatibility */
	{ "①②③", "123" },
	{ "１２３", "123" },
	{ "⑴", "1" },
	{ "⑫", "12" },
	{ "½", "1 2" },
	{ "ﬁ", "FI" },
	{ "Ⅻ", "XII" },
	{ "㎏", "KG" },
	{ "ｶﾞ", "ガ" },
	{ "\xEF\xA4\x80", "岂" },		/* U+F900, a compatibility form of 豈 */
	/* case */
	{ "straße", "STRAẞE" },
	{ "école", "ÉCOLE" },
	{ "e\xCC\x81" "cole", "ÉCOLE" },
	{ "αβγ", "ΑΒΓ" },
	{ "да", "ДА" },
	{ "ǰ", "J\xCC\x8C" },
	{ "j\xCC\x8C", "J\xCC\x8C" },
	/* Hangul: jamo join */
	{ "한글", "한글" },
	{ "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "한" },
	/* asking for help */
	{ "?", "?" },
	{ "？", "?" },
	{ "？？？", "?" },
	{ " ? ?\n", "?" },
	{ "⁇", "?" },
	{ "?!", "" },
	{ "“?”", "" },
	{ "YE?", "YE" },
	{ "?YE", "YE" },
	{ "!!!", "" },
	{ "   ", "" },
};

START_TEST(fold)
{
	struct str got = fold_text(arena, str_z(folds[_i].in));

	ck_assert_msg(str_eqz(got, folds[_i].out), "\"%s\" gave \"%.*s\"", folds[_i].in,
		      STR_ARG(got));
}
END_TEST

START_TEST(fold_no_value)
{
	ck_assert_uint_eq(fold_text(arena, str_n(NULL, 0)).len, 0);
}
END_TEST

/* Every code point by itself, behind a letter and before one: folding again changes nothing. */
START_TEST(fold_stays)
{
	for (unsigned c = 1; c < 0x110000; c++) {
		char in[UTF8_MAX + 2] = "A";
		unsigned n = 1;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		n += utf8_encode(in + n, c);
		in[n++] = 'z';
		struct str once = fold_text(arena, str_n(in, n));
		struct str twice = fold_text(arena, once);
		if (!fold_utf8_ok(once) || !str_eq(once, twice))
			ck_abort_msg("U+%04X: \"%.*s\", then \"%.*s\"", c, STR_ARG(once),
				     STR_ARG(twice));
		arena_reset(arena);
	}
}
END_TEST

/* The longest expansion of Unicode, many times: the measure must hold. */
START_TEST(fold_grows)
{
	struct buf buf = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		buf_z(&buf, "\xEF\xB7\xBA");
	struct str got = fold_text(arena, buf_get(&buf));
	ck_assert_uint_gt(got.len, 3 * buf.len);
	ck_assert(fold_utf8_ok(got));
	buf_z(&buf, "e\xCC\x81");
	struct str joined = fold_text(arena, buf_get(&buf));
	ck_assert(str_starts(joined, got));
	ck_assert(str_ends(joined, STR("É")));
	buf_free(&buf);
}
END_TEST

START_TEST(init_again)
{
	ck_assert_int_eq(fold_init(NULL), 0);
	ck_assert(str_eqz(fold_text(arena, STR("查餘額")), "查余额"));
}
END_TEST

static const struct { const char *in, *out; } squeezes[] = {
	{ "", "" }, { "Y E", "YE" }, { "查 余额 9", "查余额9" }, { "YE", "YE" },
};

START_TEST(squeeze)
{
	ck_assert(str_eqz(fold_squeeze(arena, str_z(squeezes[_i].in)), squeezes[_i].out));
}
END_TEST

static const struct { const char *in, *out; } digits[] = {
	{ "", "" },
	{ "1O1", "101" },
	{ "IOI", "IOI" },
	{ "OOOO", "0000" },
	{ "OOO", "000" },
	{ "OO", "OO" },
	{ "OO OO", "OO OO" },
	{ "OOL", "OOL" },
	{ "OOOL", "OOOL" },
	{ "KT LLB1O", "KT LLB10" },
	{ "CZ1234567890L23456", "CZ1234567890123456" },
	{ "I3800I38000", "13800138000" },
	{ "ZD 2O26O9", "ZD 202609" },
	{ "HELLO", "HELLO" },
	{ "YE", "YE" },
	{ "查OOO", "查000" },
	{ "5", "5" },
};

START_TEST(digits_meant)
{
	struct str in = str_z(digits[_i].in), got = fold_digits(arena, in);

	ck_assert_msg(str_eqz(got, digits[_i].out), "\"%s\" gave \"%.*s\"", in.ptr, STR_ARG(got));
	ck_assert_uint_eq(got.len, in.len);
}
END_TEST

static const struct { const char *in, *out; } redactions[] = {
	{ "", "" },
	{ "YE", "YE" },
	{ "12345", "12345" },
	{ "123456", "123***" },
	{ "密码123456。", "密码123***。" },
	{ "1234567890123456", "123*************" },
	{ "CZ 1234-5678-9012-3456 ok", "CZ 123*-****-****-**** ok" },
	{ "12 34 5 ab", "12 34 5 ab" },
	{ "12 34 56 ab", "12 3* ** ab" },
	{ "12345 a 67890", "12345 a 67890" },
	{ "13800138000,123456", "138********,******" },
	{ "a13800138000b13900139000", "a138********b139********" },
	{ "１２３４５６", "１２３***" },
	{ "①②③④⑤⑥", "①②③***" },
	{ "1\xE2\x80\x8B" "2345678", "1\xE2\x80\x8B" "23*****" },
	{ "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", "1️⃣2️⃣3️⃣*️⃣*️⃣*️⃣" },
	/* letters that were meant as digits */
	{ "1234567890l23456", "123*************" },
	{ "123lO67", "123****" },
	{ "12345 or 6", "12345 or 6" },
	{ "12345l", "12345l" },
	{ "--123456--", "--123***--" },
	{ "#######", "#######" },
};

START_TEST(redact)
{
	struct str got = fold_redact(arena, str_z(redactions[_i].in));

	ck_assert_msg(str_eqz(got, redactions[_i].out), "\"%s\" gave \"%.*s\"",
		      redactions[_i].in, STR_ARG(got));
}
END_TEST

static const struct { struct str in; bool ok; const char *mended; } bytes[] = {
	{ STR(""), true, "" },
	{ STR("YE"), true, "YE" },
	{ STR("余额é😀"), true, "余额é😀" },
	{ STR("\xF4\x8F\xBF\xBF"), true, "\xF4\x8F\xBF\xBF" },
	{ STR("\xED\x9F\xBF\xEE\x80\x80"), true, "\xED\x9F\xBF\xEE\x80\x80" },
	{ STR("a\0b"), false, "a" BAD "b" },
	{ STR("\x80"), false, BAD },
	{ STR("a\xFFz"), false, "a" BAD "z" },
	{ STR("\xC0\x80"), false, BAD BAD },			/* overlong */
	{ STR("\xC1\xBF"), false, BAD BAD },
	{ STR("\xE0\x80\xAF"), false, BAD BAD BAD },
	{ STR("\xF0\x80\x80\xAF"), false, BAD BAD BAD BAD },
	{ STR("\xED\xA0\x80"), false, BAD BAD BAD },		/* a surrogate */
	{ STR("\xF4\x90\x80\x80"), false, BAD BAD BAD BAD },	/* above U+10FFFF */
	{ STR("\xF8\x88\x80\x80\x80"), false, BAD BAD BAD BAD BAD },
	{ STR("余\xE9\xA2"), false, "余" BAD BAD },		/* cut off */
	{ STR("\xE9余"), false, BAD "余" },
};

START_TEST(utf8)
{
	struct str mended = fold_utf8_mend(arena, bytes[_i].in);

	ck_assert_int_eq(fold_utf8_ok(bytes[_i].in), bytes[_i].ok);
	ck_assert_msg(str_eqz(mended, bytes[_i].mended), "got \"%.*s\"", STR_ARG(mended));
	ck_assert(fold_utf8_ok(mended));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fold");
	TCase *tc = tcase_create("fold");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_unchecked_fixture(tc, load, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, fold, 0, sizeof(folds) / sizeof(*folds));
	tcase_add_test(tc, fold_no_value);
	tcase_add_test(tc, fold_stays);
	tcase_add_test(tc, fold_grows);
	tcase_add_test(tc, init_again);
	tcase_add_loop_test(tc, squeeze, 0, sizeof(squeezes) / sizeof(*squeezes));
	tcase_add_loop_test(tc, digits_meant, 0, sizeof(digits) / sizeof(*digits));
	tcase_add_loop_test(tc, redact, 0, sizeof(redactions) / sizeof(*redactions));
	tcase_add_loop_test(tc, utf8, 0, sizeof(bytes) / sizeof(*bytes));
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
