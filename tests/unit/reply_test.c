/* Tests of flow/reply: which tip rides in an answer, who sees none, and that all of it follows from the text's id and the number. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/reply.h"
#include "table/problems.h"
#include "text/fold.h"

static const char yaml[] =
	"table: x\nports: [\"10086\"]\ncommands:\n"
	"  asks:\n    about: x\n    say: [YE]\n    risk: query\n    sql: SELECT outcome, what FROM f(:msisdn)\n    tip: all\n"
	"    reply: {ok: {zh: \"{{what}}\", en: \"{{what}}\"}}\n    examples: [{text: YE}]\n"
	"  other:\n    about: x\n    say: [LL]\n    risk: query\n    sql: SELECT outcome, what FROM f(:msisdn)\n    tip: gold\n"
	"    reply: {ok: {zh: \"{{what}}\", en: \"{{what}}\"}}\n    examples: [{text: LL}]\n"
	"tips:\n"
	"  heavy: {for: [all], text: {zh: 重, en: heavy}, weight: 3, cap: 2 per 7 days, control: 20%, steers: app}\n"
	"  light: {for: [all], text: {zh: 轻, en: light}, weight: 1}\n"
	"  golden: {for: [gold], text: {zh: 金, en: gold}, who: {brands: [gotone], list: vip},"
	" valid: {from: 2026-11-01, until: 2026-12-01, hours: \"08:00-20:00\"}}\n"
	"answers:\n  unknown: {zh: 不懂, en: what}\n  error: {zh: 错, en: error}\n  not_for_you: {zh: 否, en: no}\n"
	"  not_now: {zh: 否, en: no}\n";

static const time_t noon = 1795320000;	/* 2026-11-22 12:00 in China */
static struct tables *tables;
static struct arena *arena;
static struct match_context context;
static struct reply_input in;
static struct match match;
static struct uuid id;
static struct reply reply;

static const struct command *command(const char *name)
{
	for (unsigned i = 0; i < tables->ncommands; i++)
		if (!strcmp(tables->command[i]->name, name))
			return tables->command[i];
	abort();
}

static void set_up(void)
{
	static const char *columns[] = { "outcome", "what" }, *outcomes[] = { "ok" };
	struct binding bindings[2];
	struct source source = { "x.yaml", str_z(yaml) };
	struct err err;

	ck_assert_int_eq(fold_init(&err), 0);
	arena = arena_new();
	struct problems problems = { .arena = arena };
	tables = tables_parse(&source, 1, &problems);
	for (unsigned i = 0; i < 2; i++)
		bindings[i] = (struct binding){
			.command = tables->command[i]->id, .function = "f", .ncolumns = 2, .column = columns, .noutcomes = 1,
			.outcome = outcomes,
		};
	tables_bind(tables, bindings, 2, &problems);
	problems_print(stderr, &problems);
	ck_assert_uint_eq(problems.errors, 0);
	match = (struct match){ .kind = MATCH_COMMAND, .command = command("asks") };
	context = (struct match_context){ .brand = STR("gotone"), .now = noon };
	id = uuid_v7();
	in = (struct reply_input){
		.tables = tables, .match = &match, .msisdn = STR("13800138000"), .port = STR("10086"), .now = STR("now"),
		.mo_id = &id, .tip_room = true, .context = &context,
	};
}

static void tear_down(void)
{
	tables_unref(&tables);
	arena_free(&arena);
}

/* The name of the tip that rides, "-name" of one withheld, "" of none. */
static const char *answer(const char *what)
{
	PGresult *res = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc att[2] = { { .name = "outcome" }, { .name = "what" } };
	static char said[80];
	struct err err;

	PQsetResultAttrs(res, 2, att);
	PQsetvalue(res, 0, 0, "ok", 2);
	PQsetvalue(res, 0, 1, (char *)what, strlen(what));
	in.result = res;
	ck_assert_int_eq(reply_make(&in, arena, &reply, &err), 0);
	PQclear(res);
	in.result = NULL;
	ck_assert(!(reply.tip && reply.withheld));
	snprintf(said, sizeof(said), "%s%s", reply.withheld ? "-" : "",
		 reply.tip ? reply.tip->name : reply.withheld ? reply.withheld->name : "");
	return said;
}

/* The n-th of some numbers and ids, the same in each run. */
static void nth(unsigned n)
{
	static char number[12];

	snprintf(number, sizeof(number), "137%08u", n);
	in.msisdn = str_z(number);
	for (unsigned i = 0; i < sizeof(id.octet); i++)
		id.octet[i] = (unsigned char)((n + 1) * 2654435761u >> (i % 4 * 8)) ^ (unsigned char)(i * 37);
}

START_TEST(shares)
{
	unsigned heavy = 0, light = 0, withheld = 0;
	enum { N = 20000 };

	for (unsigned n = 0; n < N; n++) {
		nth(n);
		const char *said = answer("好");
		heavy += !strcmp(said, "heavy");
		light += !strcmp(said, "light");
		withheld += !strcmp(said, "-heavy");
		ck_assert_uint_eq(strlen(said) > 0, 1);
		ck_assert(str_eqz(reply.text, reply.withheld ? "好" : reply.tip->weight == 3 ? "好 重" : "好 轻"));
		ck_assert_str_eq(answer("好"), said);	/* run again: the same */
		arena_reset(arena);
	}
	/* Three quarters of the weight, a fifth of its people in the control group; three standard deviations. */
	ck_assert_uint_eq(heavy + light + withheld, N);
	ck_assert_msg(light > N / 4 - 190 && light < N / 4 + 190, "light: %u of %u", light, N);
	ck_assert_msg(withheld > N * 3 / 20 - 160 && withheld < N * 3 / 20 + 160, "withheld: %u of %u", withheld, N);
}
END_TEST

START_TEST(control_is_for_good)
{
	unsigned both = 0;

	for (unsigned n = 0; n < 200; n++) {
		bool seen = false, withheld = false;

		for (unsigned k = 0; k < 20; k++) {
			nth(n * 100 + k);
			char number[16];
			snprintf(number, sizeof(number), "139%08u", n);
			in.msisdn = str_z(number);
			const char *said = answer("好");
			seen |= !strcmp(said, "heavy");
			withheld |= !strcmp(said, "-heavy");
		}
		both += seen && withheld;
		arena_reset(arena);
	}
	ck_assert_uint_eq(both, 0);
}
END_TEST

START_TEST(only_with_room)
{
	char full[3 * 69 + 1];

	for (unsigned n = 0; n < 50; n++) {
		nth(n);
		ck_assert_str_ne(answer("好"), "");
		in.tip_room = false;		/* he had his share of commercial messages, or wants none */
		ck_assert_str_eq(answer("好"), "");
		in.tip_room = true;
		for (unsigned i = 0; i < 69; i++)	/* 69 of 70 characters: one space, and none for a tip */
			memcpy(full + 3 * i, "满", 4);
		ck_assert_str_eq(answer(full), "");
		ck_assert_uint_eq(reply.segments, 1);
	}
}
END_TEST

START_TEST(caps)
{
	const struct tip_count once[] = { { STR("heavy"), 1 } }, twice[] = { { STR("light"), 9 }, { STR("heavy"), 2 } };
	unsigned heavy = 0;

	for (unsigned n = 0; n < 50; n++) {
		nth(n);
		in.tip_counts = once;
		in.ntip_counts = 1;
		heavy += strstr(answer("好"), "heavy") != NULL;
		in.tip_counts = twice;
		in.ntip_counts = 2;
		ck_assert_str_eq(answer("好"), "light");	/* which has no cap */
	}
	ck_assert_uint_gt(heavy, 25);
}
END_TEST

START_TEST(audience)
{
	static const struct str vip[] = { { "vip", 3 } };
	static const struct { const char *brand; bool listed; int hours; bool shown; } cases[] = {
		{ "gotone", true, 0, true },
		{ "m-zone", true, 0, false },
		{ "gotone", false, 0, false },
		{ "gotone", true, 7, true },		/* 19:00 */
		{ "gotone", true, 8, false },		/* 20:00 */
		{ "gotone", true, -4, true },		/* 08:00 */
		{ "gotone", true, -5, false },
		{ "gotone", true, 24 * 8, true },	/* 30 November */
		{ "gotone", true, 24 * 9, false },
		{ "gotone", true, -24 * 22, false },
	};

	match.command = command("other");
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		context = (struct match_context){
			.brand = str_z(cases[i].brand), .list = vip, .nlists = cases[i].listed, .now = noon + cases[i].hours * 3600,
		};
		ck_assert_msg(reply_may_tip(&in) == cases[i].shown, "case %u: may", i);
		ck_assert_msg(!strcmp(answer("好"), cases[i].shown ? "golden" : ""), "case %u", i);
	}
	in.context = NULL;
	ck_assert_str_eq(answer("好"), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reply");
	TCase *tc = tcase_create("reply");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, shares);
	tcase_add_test(tc, control_is_for_good);
	tcase_add_test(tc, only_with_room);
	tcase_add_test(tc, caps);
	tcase_add_test(tc, audience);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
