/* Tests of flow/remind.h: what a row of a reminder's SQL becomes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/remind.h"
#include "text/fold.h"

static struct arena *arena;
static struct problems problems;
static struct tables *tables;

static const char source[] =
	"table: x\nports: [\"10086\"]\ncommands:\n  mark:\n    about: y\n    args: {matter: {is: text}, mark: {is: number}}\n"
	"    risk: query\n    sql: SELECT f(:matter, :mark)\n    reply: {ok: {zh: 好, en: ok}, none: {zh: 无, en: none}}\n"
	"reminders:\n  told:\n    on: sold\n    sql: SELECT f(:trigger_id, :now, :step)\n    class: commercial\n"
	"    once_per: \"msisdn, channel per 30 days\"\n    control: 25%\n    steers: {column: channel}\n    until: \"20:00\"\n"
	"    opens: {command: mark, with: {matter: channel}}\n"
	"    series:\n      - {after: 1d, text: {zh: \"一{{channel}}\", en: \"one {{channel}}\"}}\n"
	"      - {after: 2d, text: {zh: \"二{{now|date}}\", en: \"two\"}}\n"
	"  daily:\n    every: \"0 9 * * *\"\n    sql: SELECT f(:now)\n    class: service\n    text: {zh: 早, en: morning}\n    until: 6h\n"
	"  nightly:\n    every: \"0 2 * * *\"\n    zone: Europe/Berlin\n    sql: SELECT f(:now)\n    class: service\n"
	"    text: {zh: 夜, en: night}\n    until: \"01:00\"\n"
	"answers:\n  unknown: {zh: 问, en: ask}\n  error: {zh: 错, en: sorry}\n  retry: {zh: 再, en: again}\n"
	"  gave_up: {zh: 算, en: enough}\n  left: {zh: 退, en: left}\n";

static void load(void)
{
	struct err err;

	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
}

static void set_up(void)
{
	static const char *columns[] = { "msisdn", "lang", "channel" }, *ok[] = { "ok" };
	static const struct binding bound[] = {
		{ "x.mark", "hall_cmd.f_1", 1, ok, 0, NULL }, { "x.told", "hall_cmd.f_2", 3, columns, 0, NULL },
		{ "x.daily", "hall_cmd.f_3", 3, columns, 0, NULL }, { "x.nightly", "hall_cmd.f_4", 3, columns, 0, NULL },
	};
	struct source file = { "x.yaml", { source, sizeof(source) - 1 } };

	arena = arena_new();
	problems = (struct problems){ .arena = arena };
	tables = tables_parse(&file, 1, &problems);
	if (!problems.errors)
		tables_bind(tables, bound, 4, &problems);
	ck_assert_msg(problems.errors == 0, "%s", problems.n ? problems.list[0].text : "");
}

static void tear_down(void)
{
	tables_unref(&tables);
	arena_free(&arena);
}

static struct remind_row row_of(const char *reminder, unsigned step, const char *lang, const char *channel)
{
	struct str *cell = arena_alloc(arena, 3 * sizeof(*cell));

	cell[0] = STR("13800138000");
	cell[1] = str_z(lang);
	cell[2] = str_z(channel);
	return (struct remind_row){ tables_find(tables, "x", str_z(reminder)), step, cell, STR("2026-11-22 08:30:00+00") };
}

static const struct { unsigned step; const char *lang, *channel, *line, *text, *scope; } rows[] = {
	{ 1, NULL, "app", "", "一app", "13800138000|app" },
	{ 1, "zh", "app", "回TD退订", "一app回TD退订", "13800138000|app" },
	{ 1, "en", "app", "TD to stop", "one app TD to stop", "13800138000|app" },
	{ 1, "fr", NULL, "", "一", "13800138000|" },
	{ 2, "zh", "app", "", "二2026-11-22", "13800138000|app#2" },
	{ 2, "en", "app", "", "two", "13800138000|app#2" },
};

START_TEST(texts_and_scopes)
{
	struct remind_row row = row_of("told", rows[_i].step, rows[_i].lang, rows[_i].channel);

	ck_assert_str_eq(arena_z(arena, remind_text(&row, str_z(rows[_i].line), arena)), rows[_i].text);
	ck_assert_str_eq(arena_z(arena, remind_scope(&row, arena)), rows[_i].scope);
	ck_assert(str_eq(remind_target(&row), str_z(rows[_i].channel)));
}
END_TEST

/* As an answer's `opens`: what is known, and which argument the answer becomes. */
START_TEST(opens)
{
	struct remind_row row = row_of("told", 1, "zh", "app");
	struct slots slots = slots_decode(arena, remind_opens(&row, arena));

	ck_assert(str_eqz(slots_get(&slots, "a.", "matter"), "app"));
	ck_assert(!slots_get(&slots, "a.", "mark").ptr);
	ck_assert(str_eqz(slots_get(&slots, "n", ""), "1"));
}
END_TEST

START_TEST(a_share_is_of_control)
{
	const struct command *told = tables_find(tables, "x", STR("told")), *daily = tables_find(tables, "x", STR("daily"));
	unsigned n = 0;

	for (unsigned i = 0; i < 10000; i++) {
		char msisdn[12];

		snprintf(msisdn, sizeof(msisdn), "138%08u", i);
		n += remind_control(told, str_z(msisdn));
		ck_assert(remind_control(told, str_z(msisdn)) == remind_control(told, str_z(msisdn)));
		ck_assert(!remind_control(daily, str_z(msisdn)));
	}
	ck_assert_msg(n > 2300 && n < 2700, "%u of 10000", n);
}
END_TEST

/* 2026-11-22 08:30 UTC is 16:30 in China. */
static const struct { const char *reminder; int64_t at_s, until_s; } untils[] = {
	{ "told", 1795336200, 1795336200 + 3 * 3600 + 1800 },			/* 20:00 that day */
	{ "told", 1795336200 + 4 * 3600, 1795336200 + 27 * 3600 + 1800 },	/* the next */
	{ "told", 1795336200 + 3 * 3600 + 1800, 1795336200 + 27 * 3600 + 1800 },
	{ "daily", 1795336200, 1795336200 + 6 * 3600 },
	{ "nightly", 1792800000, 0 },
};

START_TEST(until)
{
	const struct command *c = tables_find(tables, "x", str_z(untils[_i].reminder));
	int64_t until_us = remind_until_us(c->reminder, untils[_i].at_s * 1000000);

	if (!strcmp(untils[_i].reminder, "nightly")) {	/* the next 01:00 in Berlin, summer time */
		time_t local = until_us / 1000000 + 2 * 3600;
		struct tm tm;

		gmtime_r(&local, &tm);
		ck_assert_int_eq(tm.tm_hour, 1);
		ck_assert_int_eq(tm.tm_min, 0);
		ck_assert(until_us / 1000000 > untils[_i].at_s && until_us / 1000000 <= untils[_i].at_s + 86400);
		return;
	}
	ck_assert_int_eq(until_us / 1000000, untils[_i].until_s);
}
END_TEST

START_TEST(moments)
{
	const struct command *c = tables_find(tables, "x", STR("daily"));
	int64_t last_us, next_us;

	remind_moments(c->reminder, 1795336200500000, &last_us, &next_us);
	ck_assert_int_eq(last_us, (1795336200LL - 7 * 3600 - 1800) * 1000000);
	ck_assert_int_eq(next_us, last_us + 86400000000LL);
}
END_TEST

START_TEST(params)
{
	struct remind_param in = { "id", "now", 3 };

	ck_assert_str_eq(remind_param(&in, PARAM_TRIGGER, arena), "id");
	ck_assert_str_eq(remind_param(&in, PARAM_NOW, arena), "now");
	ck_assert_str_eq(remind_param(&in, PARAM_LEVEL, arena), "3");
	ck_assert_str_eq(remind_param(&in, PARAM_STEP, arena), "3");
	in.trigger = NULL;
	ck_assert_ptr_null(remind_param(&in, PARAM_TRIGGER, arena));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("remind");
	TCase *tc = tcase_create("remind");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_unchecked_fixture(tc, load, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, texts_and_scopes, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_test(tc, opens);
	tcase_add_test(tc, a_share_is_of_control);
	tcase_add_loop_test(tc, until, 0, sizeof(untils) / sizeof(*untils));
	tcase_add_test(tc, moments);
	tcase_add_test(tc, params);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
