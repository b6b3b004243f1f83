/* Tests of text/msisdn. */
#include <check.h>
#include <stdlib.h>

#include "text/msisdn.h"

static const struct { const char *in, *out; bool home; } good[] = {
	{ "13800138000", "13800138000", true },
	{ "19912345678", "19912345678", true },
	{ "+8613800138000", "13800138000", true },
	{ "008613800138000", "13800138000", true },
	{ "8613800138000", "13800138000", true },
	{ "013800138000", "13800138000", true },
	{ "+86013800138000", "13800138000", true },
	{ "+86 138 0013 8000", "13800138000", true },
	{ "138-0013-8000", "13800138000", true },
	{ "138.0013.8000", "13800138000", true },
	{ "(138) 0013 8000", "13800138000", true },
	{ "(+86)13800138000", "13800138000", true },
	{ " 13800138000 ", "13800138000", true },
	{ "+13800138000", "13800138000", true },	/* ours, marked as international by SMPP */
	{ "+44 7700 900123", "+447700900123", false },
	{ "+852 5123 4567", "+85251234567", false },
	{ "+12025550123", "+12025550123", false },
	{ "+1234567", "+1234567", false },
	{ "+123456789012345", "+123456789012345", false },
	{ "+(44)7700-900.123", "+447700900123", false },
};

START_TEST(accepted)
{
	struct msisdn m;
	struct err err = { 0 };

	ck_assert_msg(msisdn_parse(str_z(good[_i].in), &m, &err) == 0, "%s: %s", good[_i].in,
		      err.text);
	ck_assert_str_eq(m.text, good[_i].out);
	ck_assert_int_eq(m.home, good[_i].home);
}
END_TEST

/* What was parsed is accepted again, and stays. */
START_TEST(stable)
{
	struct msisdn m, again;

	ck_assert_int_eq(msisdn_parse(str_z(good[_i].in), &m, NULL), 0);
	ck_assert_int_eq(msisdn_parse(str_z(m.text), &again, NULL), 0);
	ck_assert_str_eq(again.text, m.text);
	ck_assert_int_eq(again.home, m.home);
}
END_TEST

static const char *const bad[] = {
	"", " ", "+", "-", "10086", "1008611", "+8610086", "008610086", "8610086", "95555",
	"12800138000", "11800138000", "23800138000", "1380013800", "138001380000", "00138001380",
	"02812345678", "+862812345678", "+861280013800", "447700900123", "00447700900123",
	"+123456", "+1234567890123456", "+0123456789", "+86", "0086", "86", "+8613800138000123",
	"ALERTS", "13800I38000", "1380013800O", "13800138000a", "#13800138000", "13800+138000",
	"++8613800138000", "１３８００１３８０００", "13800138000,", "138/0013/8000", "138\t00138000",
	"00000000000000000000000000000000",
};

START_TEST(refused)
{
	struct msisdn m;
	struct err err = { 0 };

	ck_assert_msg(msisdn_parse(str_z(bad[_i]), &m, &err) == -1, "accepted \"%s\"", bad[_i]);
	ck_assert_int_eq(err.class, ERR_INPUT);
	ck_assert_str_ne(err.text, "");
}
END_TEST

START_TEST(refused_bytes)
{
	struct msisdn m;

	ck_assert_int_eq(msisdn_parse(str_n(NULL, 0), &m, NULL), -1);
	ck_assert_int_eq(msisdn_parse(STR("138\0" "00138000"), &m, NULL), -1);
}
END_TEST

static const struct { const char *in, *out; } masks[] = {
	{ "13800138000", "138****8000" },
	{ "+447700900123", "+447*******23" },
	{ "+85251234567", "+852******67" },
	{ "+1234567", "+123**67" },
	{ "1234567", "1234*67" },
	{ "10086", "*****" },
	{ "123456", "******" },
	{ "", "" },
	{ "+123456789012345", "+123**********45" },
	{ "12345678901234567890", "1234**********90" },		/* longer than a number can be */
};

START_TEST(mask)
{
	char out[MSISDN_MAX + 1];

	msisdn_mask(str_z(masks[_i].in), out);
	ck_assert_str_eq(out, masks[_i].out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("msisdn");
	TCase *tc = tcase_create("msisdn");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, accepted, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(tc, stable, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(tc, refused, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(tc, refused_bytes);
	tcase_add_loop_test(tc, mask, 0, sizeof(masks) / sizeof(*masks));
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
