/* Tests of table/vocabulary. */
#include <check.h>
#include <stdlib.h>

#include "table/vocabulary.h"
#include "text/fold.h"

static struct vocabulary *vocabulary;

static void load(void)
{
	struct err err;

	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
}

static void add(const char *kind, const char *word, const char *code)
{
	vocabulary_add(vocabulary, str_z(kind), str_z(word), str_z(code));
}

static void set_up(void)
{
	vocabulary = vocabulary_new();
	add("service", "CAILING", "CAILING");
	add("service", "彩鈴", "CAILING");
	add("service", "10元 流量包", "LLB10");
	add("service", "llb10", "LLB10");
	add("service", "彩铃", "OTHER");	/* the first stays */
	add("service", "音乐服务", "MUSIC");
	add("event", "秋季沙龙", "QIUJI");
	add("event", "5G体验", "5GTY");
	add("", "x", "y");
	add("event", " ,. ", "nothing");
}

static void tear_down(void)
{
	vocabulary_unref(&vocabulary);
	ck_assert_ptr_null(vocabulary);
}

static const struct { const char *kind, *word, *code; } cases[] = {
	{ "service", "CAILING", "CAILING" },
	{ "service", "彩铃", "CAILING" },
	{ "service", "彩铃业务", "CAILING" },
	{ "service", "彩铃服务", "CAILING" },
	{ "service", "彩铃功能", "CAILING" },
	{ "service", "音乐服务", "MUSIC" },
	{ "service", "10元流量包", "LLB10" },
	{ "service", "1O元流量包", "LLB10" },
	{ "service", "IO元流量包业务", NULL },	/* no digit beside them: these are letters */
	{ "service", "LLB10", "LLB10" },
	{ "service", "业务", NULL },
	{ "service", "彩", NULL },
	{ "service", "", NULL },
	{ "service", "秋季沙龙", NULL },	/* of another kind */
	{ "event", "秋季沙龙", "QIUJI" },
	{ "event", "5G体验", "5GTY" },
	{ "events", "秋季沙龙", NULL },
	{ "nothing", "CAILING", NULL },
};

START_TEST(codes)
{
	struct str code = vocabulary_code(vocabulary, str_z(cases[_i].kind), str_z(cases[_i].word));

	if (!cases[_i].code) {
		ck_assert_ptr_null(code.ptr);
		return;
	}
	ck_assert_ptr_nonnull(code.ptr);
	ck_assert(str_eqz(code, cases[_i].code));
}
END_TEST

START_TEST(kinds)
{
	ck_assert(vocabulary_has_kind(vocabulary, STR("service")));
	ck_assert(vocabulary_has_kind(vocabulary, STR("event")));
	ck_assert(!vocabulary_has_kind(vocabulary, STR("month")));
	ck_assert(!vocabulary_has_kind(NULL, STR("service")));
	ck_assert_ptr_null(vocabulary_code(NULL, STR("service"), STR("X")).ptr);
}
END_TEST

START_TEST(shared)
{
	struct vocabulary *other = vocabulary_ref(vocabulary);

	vocabulary_unref(&other);
	ck_assert(vocabulary_has_kind(vocabulary, STR("service")));
	ck_assert_ptr_null(vocabulary_ref(NULL));
}
END_TEST

START_TEST(long_words)
{
	char word[2000];

	memset(word, 'A', sizeof(word));
	vocabulary_add(vocabulary, STR("service"), str_n(word, sizeof(word)), STR("LONG"));
	ck_assert_ptr_null(vocabulary_code(vocabulary, STR("service"), str_n(word, sizeof(word))).ptr);
	vocabulary_add(vocabulary, STR("service"), str_n(word, 400), STR("LONG"));
	ck_assert_ptr_nonnull(vocabulary_code(vocabulary, STR("service"), str_n(word, 400)).ptr);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vocabulary");
	TCase *tc = tcase_create("vocabulary");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_unchecked_fixture(tc, load, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, codes, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, kinds);
	tcase_add_test(tc, shared);
	tcase_add_test(tc, long_words);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
