/* Tests of table/cron and base/zone: when a schedule is due, where clocks are never changed and where they are. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "table/cron.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(&arena);
}

/* "2026-11-22 08:30", of UTC. */
static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	ck_assert_msg(strptime(text, "%Y-%m-%d %H:%M", &tm) != NULL, "%s", text);
	return timegm(&tm);
}

static const char *shown(int64_t at_s)
{
	static char text[4][24];
	static unsigned n;
	char *out = text[n++ % 4];
	time_t at = at_s;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, 24, "%Y-%m-%d %H:%M", &tm);
	return at_s == CRON_NEVER ? "never" : out;
}

static struct cron cron_of(const char *text, const char *zone)
{
	struct cron cron;
	struct err err;
	size_t offset;

	ck_assert_msg(cron_parse(str_z(text), &cron, &offset, &err) == 0, "%s: %s", text, err.text);
	ck_assert_msg(zone_load(arena, zone, &cron.zone, &err) == 0, "%s", err.text);
	return cron;
}

/* What comes next, and then again; times in UTC. */
static const struct { const char *cron, *zone, *after, *next, *then; } due[] = {
	{ "0 9 * * *", "Asia/Shanghai", "2026-11-22 00:59", "2026-11-22 01:00", "2026-11-23 01:00" },
	{ "0 9 * * *", "Asia/Shanghai", "2026-11-22 01:00", "2026-11-23 01:00", "2026-11-24 01:00" },
	{ "* * * * *", "Asia/Shanghai", "2026-11-22 01:00", "2026-11-22 01:01", "2026-11-22 01:02" },
	{ "*/15 8-9 * * *", "Asia/Shanghai", "2026-11-22 01:30", "2026-11-22 01:45", "2026-11-23 00:00" },
	{ "5,35 10 * * *", "Asia/Shanghai", "2026-11-22 00:00", "2026-11-22 02:05", "2026-11-22 02:35" },
	{ "0 9-17/4 * * *", "Asia/Shanghai", "2026-11-22 02:00", "2026-11-22 05:00", "2026-11-22 09:00" },
	{ "30 0 1 * *", "Asia/Shanghai", "2026-11-22 00:00", "2026-11-30 16:30", "2026-12-31 16:30" },
	{ "0 9 * * 1-5", "Asia/Shanghai", "2026-11-20 02:00", "2026-11-23 01:00", "2026-11-24 01:00" },
	{ "0 9 * * sun", "Asia/Shanghai", "2026-11-20 02:00", "2026-11-22 01:00", "2026-11-29 01:00" },
	{ "0 9 * * 7", "Asia/Shanghai", "2026-11-20 02:00", "2026-11-22 01:00", "2026-11-29 01:00" },
	{ "0 9 13 * Fri", "Asia/Shanghai", "2026-11-10 02:00", "2026-11-13 01:00", "2026-11-20 01:00" },
	{ "0 0 29 feb *", "UTC", "2026-11-22 00:00", "2028-02-29 00:00", "2032-02-29 00:00" },
	{ "0 0 29 2 *", "UTC", "2096-03-01 00:00", "2104-02-29 00:00", "2108-02-29 00:00" },
	{ "0 12 31 1,MAR *", "UTC", "2026-02-01 00:00", "2026-03-31 12:00", "2027-01-31 12:00" },
	{ "0 0 30 2 *", "UTC", "2026-11-22 00:00", "never", "never" },
	{ "59 23 31 12 *", "Asia/Shanghai", "2026-12-31 15:59", "2027-12-31 15:59", "2028-12-31 15:59" },
	/* Central Europe: 2027-03-28 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00. */
	{ "0 9 * * *", "Europe/Berlin", "2027-03-27 09:00", "2027-03-28 07:00", "2027-03-29 07:00" },
	{ "30 2 * * *", "Europe/Berlin", "2027-03-27 09:00", "2027-03-28 01:00", "2027-03-29 00:30" },
	{ "0,30 2 * * *", "Europe/Berlin", "2027-03-27 09:00", "2027-03-28 01:00", "2027-03-29 00:00" },
	{ "30 * * * *", "Europe/Berlin", "2027-03-28 00:00", "2027-03-28 00:30", "2027-03-28 01:30" },
	{ "30 2 * * *", "Europe/Berlin", "2026-10-24 09:00", "2026-10-25 00:30", "2026-10-26 01:30" },
	{ "30 * * * *", "Europe/Berlin", "2026-10-25 00:00", "2026-10-25 00:30", "2026-10-25 01:30" },
	{ "*/20 * * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 00:40", "2026-10-25 01:00" },
	{ "0 3 * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 02:00", "2026-10-26 02:00" },
	/* By the rule, past all that is on record; in the south summer spans the year's end. */
	{ "30 2 * * *", "Europe/Berlin", "2060-03-27 09:00", "2060-03-28 01:00", "2060-03-29 00:30" },
	{ "0 9 * * *", "America/New_York", "2061-07-01 00:00", "2061-07-01 13:00", "2061-07-02 13:00" },
	{ "0 9 * * *", "Australia/Sydney", "2061-01-01 00:00", "2061-01-01 22:00", "2061-01-02 22:00" },
	{ "0 9 * * *", "Australia/Sydney", "2061-07-01 00:00", "2061-07-01 23:00", "2061-07-02 23:00" },
	/* Half an hour, and before anything is on record. */
	{ "15 2 * * *", "Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-03 15:30", "2026-10-04 15:15" },
	{ "0 9 * * *", "Asia/Kolkata", "2026-11-22 00:00", "2026-11-22 03:30", "2026-11-23 03:30" },
};

START_TEST(next_and_last)
{
	struct cron cron = cron_of(due[_i].cron, due[_i].zone);
	int64_t next = cron_next(&cron, utc(due[_i].after)), then = next == CRON_NEVER ? next : cron_next(&cron, next);

	ck_assert_msg(!strcmp(shown(next), due[_i].next), "%s %s after %s: %s, not %s", due[_i].cron, due[_i].zone, due[_i].after,
		      shown(next), due[_i].next);
	ck_assert_msg(!strcmp(shown(then), due[_i].then), "%s %s then: %s, not %s", due[_i].cron, due[_i].zone, shown(then), due[_i].then);
	if (next == CRON_NEVER)
		return;
	ck_assert_int_eq(cron_last(&cron, next), next);
	ck_assert_int_eq(cron_last(&cron, next + 59), next);
	ck_assert_int_eq(cron_last(&cron, then - 1), next);
}
END_TEST

/* Each minute of a year in which clocks are changed: next and last agree with each other. */
START_TEST(no_moment_is_missed)
{
	static const char *const zones[] = { "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe" };
	struct cron cron = cron_of("10 2 * * *", zones[_i]);
	int64_t end = utc("2027-01-02 00:00"), t = cron_next(&cron, utc("2026-01-01 12:00"));
	unsigned n = 0;

	for (; t < end; t = cron_next(&cron, t)) {
		ck_assert_int_eq(cron_last(&cron, t), t);
		n++;
	}
	ck_assert_int_eq(n, _i == 1 ? 365 : 366);	/* where it is late, the 2nd of January 2027 too */
}
END_TEST

static const struct { const char *text, *says; size_t offset; } bad[] = {
	{ "", "five fields, this one 0", 0 },
	{ "0 9 * *", "five fields, this one 4", 6 },
	{ "0 9 * * * *", "'*' is one more", 10 },
	{ "60 9 * * *", "the minute '60' is none (0 to 59)", 0 },
	{ "0 24 * * *", "the hour '24' is none", 2 },
	{ "0 9 0 * *", "the day of the month '0' is none", 4 },
	{ "0 9 32 * *", "the day of the month '32' is none", 4 },
	{ "0 9 * 13 *", "the month '13' is none (1 to 12, or", 6 },
	{ "0 9 * * 8", "the day of the week '8' is none", 8 },
	{ "0 9 * * monday", "the day of the week 'monday' cannot be read", 8 },
	{ "0 17-9 * * *", "the hour '17-9' ends before it begins", 2 },
	{ "0 9- * * *", "the hour '9-' ends with none", 2 },
	{ "*/0 9 * * *", "the minute '*/0' has a step that is none", 0 },
	{ "5/10 9 * * *", "the minute '5/10' has a step that is none", 0 },
	{ "0, 9 * * *", "the minute '0,' is none", 0 },
	{ "x 9 * * *", "the minute 'x' is none", 0 },
	{ "@daily", "the minute '@daily' is none", 0 },
	{ "999999999999 9 * * *", "is none", 0 },
};

START_TEST(refused)
{
	struct cron cron;
	struct err err;
	size_t offset;

	ck_assert_int_eq(cron_parse(str_z(bad[_i].text), &cron, &offset, &err), -1);
	ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "'%s': %s", bad[_i].text, err.text);
	ck_assert_msg(offset == bad[_i].offset, "'%s': offset %zu", bad[_i].text, offset);
}
END_TEST

START_TEST(no_zone)
{
	static const char *const names[] = { "", "Asia/Beijing2", "../passwd", "/etc/passwd", "Asia", "Asia/../UTC", "zone.tab" };
	const struct zone *zone;
	struct err err;

	ck_assert_int_eq(zone_load(arena, names[_i], &zone, &err), -1);
	ck_assert_int_eq(err.class, ERR_INPUT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cron");
	TCase *tc = tcase_create("cron");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, next_and_last, 0, sizeof(due) / sizeof(*due));
	tcase_add_loop_test(tc, no_moment_is_missed, 0, 3);
	tcase_add_loop_test(tc, refused, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_loop_test(tc, no_zone, 0, 7);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
