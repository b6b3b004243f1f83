/* Tests of text/optout. */
#include <check.h>
#include <stdlib.h>

#include "text/optout.h"

static const struct {
	const char *text, *line, *becomes;
} cases[] = {
	{ "春季大优惠", "回TD退订", "春季大优惠回TD退订" },
	{ "春季大优惠,回TD退订", "回TD退订", "春季大优惠,回TD退订" },
	{ "回TD退订,春季大优惠", "回TD退订", "回TD退订,春季大优惠" },
	{ "春季大优惠,回TD", "回TD退订", "春季大优惠,回TD回TD退订" },
	{ "Spring offer.", "TD to stop", "Spring offer. TD to stop" },
	{ "Spring offer. ", "TD to stop", "Spring offer. TD to stop" },
	{ "Spring offer.\n", "TD to stop", "Spring offer.\nTD to stop" },
	{ "Spring offer, TD to stop it", "TD to stop", "Spring offer, TD to stop it" },
	{ "Spring offer, td to stop", "TD to stop", "Spring offer, td to stop TD to stop" },
	{ "话费余额", "", "话费余额" },
	{ "", "", "" },
	{ "", "回TD退订", "回TD退订" },
	{ "", "TD to stop", "TD to stop" },
};

START_TEST(appended)
{
	struct arena *arena = arena_new();
	struct str out = optout_append(arena, str_z(cases[_i].text), str_z(cases[_i].line));

	ck_assert_msg(str_eqz(out, cases[_i].becomes), "%.*s", STR_ARG(out));
	out = optout_append(arena, out, str_z(cases[_i].line));
	ck_assert_msg(str_eqz(out, cases[_i].becomes), "once more: %.*s", STR_ARG(out));
	arena_free(&arena);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("optout");
	TCase *t = tcase_create("append");
	SRunner *r = srunner_create(s);

	tcase_add_loop_test(t, appended, 0, sizeof(cases) / sizeof(*cases));
	suite_add_tcase(s, t);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
