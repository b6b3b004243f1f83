/* metric_test - counting, quantiles, labels, and that the text is in Prometheus' format 0.0.4: checked line by
 * line here, and by promtool where it is installed. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/metric.h"

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = text; (p = strstr(p, line)); p++)
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			return true;
	return false;
}

START_TEST(counter_gauge)
{
	metric_add(M_MO, 1);
	metric_add(M_MO, 2);
	metric_set(M_BOX_UP, 3);
	metric_set(M_BOX_UP, 2);
	ck_assert_double_eq(metric_get(M_MO), 3);
	ck_assert_double_eq(metric_get(M_BOX_UP), 2);
	ck_assert_double_eq(metric_get(M_MT), 0);
}
END_TEST

START_TEST(quantile)
{
	ck_assert_double_eq(metric_quantile(M_LATENCY, .5), 0);
	for (int i = 0; i < 99; i++)
		metric_observe(M_LATENCY, .0015);
	metric_observe(M_LATENCY, 3);
	ck_assert_double_eq(metric_get(M_LATENCY), 100);
	ck_assert_double_gt(metric_quantile(M_LATENCY, .5), .001);
	ck_assert_double_lt(metric_quantile(M_LATENCY, .5), .002);
	ck_assert_double_le(metric_quantile(M_LATENCY, .99), .002);
	ck_assert_double_gt(metric_quantile(M_LATENCY, .995), 2);
	ck_assert_double_le(metric_quantile(M_LATENCY, 1), 5);
	metric_observe(M_BATCH_SECONDS, 1000);
	ck_assert_double_eq(metric_quantile(M_BATCH_SECONDS, .5), 60);
}
END_TEST

START_TEST(histogram_text)
{
	struct buf out = { 0 };

	metric_observe(M_LATENCY, .0005);
	metric_observe(M_LATENCY, .5);
	metric_observe(M_LATENCY, 100);
	metric_text(&out);
	const char *text = buf_cstr(&out);
	ck_assert(has_line(text, "# TYPE smsd_answer_seconds histogram"));
	ck_assert(has_line(text, "smsd_answer_seconds_bucket{le=\"0.0005\"} 1"));
	ck_assert(has_line(text, "smsd_answer_seconds_bucket{le=\"0.2\"} 1"));
	ck_assert(has_line(text, "smsd_answer_seconds_bucket{le=\"0.5\"} 2"));
	ck_assert(has_line(text, "smsd_answer_seconds_bucket{le=\"60\"} 2"));
	ck_assert(has_line(text, "smsd_answer_seconds_bucket{le=\"+Inf\"} 3"));
	ck_assert(has_line(text, "smsd_answer_seconds_sum 100.5005"));
	ck_assert(has_line(text, "smsd_answer_seconds_count 3"));
	buf_free(&out);
}
END_TEST

START_TEST(labels)
{
	struct buf out = { 0 };

	metric_add_label(M_MO_COMMAND, "account.balance", 2);
	metric_add_label(M_MO_COMMAND, "account.balance", 1);
	metric_add_label(M_MO_COMMAND, "a\"b\\c\nd", 1);
	ck_assert_double_eq(metric_get(M_MO_COMMAND), 4);
	metric_text(&out);
	ck_assert(has_line(buf_cstr(&out), "smsd_command_total{command=\"account.balance\"} 3"));
	ck_assert(has_line(buf_cstr(&out), "smsd_command_total{command=\"a\\\"b\\\\c\\nd\"} 1"));
	buf_free(&out);
}
END_TEST

START_TEST(labels_are_bounded)
{
	struct buf out = { 0 };
	char label[16];
	unsigned lines = 0;

	for (int i = 0; i < 3000; i++) {
		snprintf(label, sizeof(label), "c%d", i);
		metric_add_label(M_TIPS, label, 1);
	}
	metric_add_label(M_TIPS, "c999", 1);
	metric_add_label(M_TIPS, "c1000", 1);
	metric_text(&out);
	for (const char *p = buf_cstr(&out); (p = strstr(p, "\nsmsd_tip_total{")); p++)
		lines++;
	ck_assert_uint_eq(lines, 1001);
	ck_assert(has_line(buf_cstr(&out), "smsd_tip_total{tip=\"c999\"} 2"));
	ck_assert(has_line(buf_cstr(&out), "smsd_tip_total{tip=\"other\"} 2001"));
	ck_assert_double_eq(metric_get(M_TIPS), 3002);
	buf_free(&out);
}
END_TEST

START_TEST(large_numbers_stay_exact)
{
	struct buf out = { 0 };

	metric_add(M_MT, 123456789012.0);
	metric_add(M_MT, 1);
	metric_set(M_DB_UP, .25);
	metric_text(&out);
	ck_assert(has_line(buf_cstr(&out), "smsd_mt_total 123456789013"));
	ck_assert(has_line(buf_cstr(&out), "smsd_db_up 0.25"));
	buf_free(&out);
}
END_TEST

static void use_some(void)
{
	metric_add(M_MO, 5);
	metric_add_label(M_DLR, "delivered", 7);
	metric_add_label(M_DLR, "quote \" back \\ line \n", 1);
	metric_observe(M_LATENCY, .01);
	metric_observe(M_BATCH_SECONDS, 99);
}

static size_t name_of(const char *p)
{
	size_t n = 0;

	while (islower((unsigned char)p[n]) || p[n] == '_' || (n && isdigit((unsigned char)p[n])))
		n++;
	return n;
}

/* Behind {name="value"}, escapes obeyed; NULL when it is malformed. */
static const char *skip_label(const char *p)
{
	size_t n = name_of(++p);

	if (!n || strncmp(p + n, "=\"", 2) != 0)
		return NULL;
	for (p += n + 2; *p && *p != '"'; p++)
		if (*p == '\\' && !strchr("\\\"n", *++p))
			return NULL;
	return strncmp(p, "\"}", 2) == 0 ? p + 2 : NULL;
}

/* Each family: HELP, TYPE, then only its own samples. */
START_TEST(format)
{
	struct buf out = { 0 };
	char family[64] = "", type[16] = "", *rest, *line;
	unsigned families = 0;

	use_some();
	metric_text(&out);
	ck_assert_int_eq(out.ptr[out.len - 1], '\n');
	rest = buf_cstr(&out);
	while ((line = strsep(&rest, "\n")) && rest) {
		char *end;

		if (strncmp(line, "# HELP ", 7) == 0) {
			ck_assert_int_eq(sscanf(line, "# HELP %63s", family), 1);
			ck_assert_uint_gt(strlen(line), strlen(family) + 8);
			families++;
			continue;
		}
		if (strncmp(line, "# TYPE ", 7) == 0) {
			char of[64];

			ck_assert_int_eq(sscanf(line, "# TYPE %63s %15s", of, type), 2);
			ck_assert_str_eq(of, family);
			ck_assert(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 ||
				  strcmp(type, "histogram") == 0);
			ck_assert(strcmp(type, "counter") != 0 || strcmp(family + strlen(family) - 6, "_total") == 0);
			continue;
		}
		size_t n = name_of(line);
		ck_assert_uint_ge(n, strlen(family));
		ck_assert_int_eq(strncmp(line, family, strlen(family)), 0);
		ck_assert(n == strlen(family) || strcmp(type, "histogram") == 0);
		const char *value = line[n] == '{' ? skip_label(line + n) : line + n;
		ck_assert_msg(value && *value == ' ', "%s", line);
		strtod(value + 1, &end);
		ck_assert_msg(end > value + 1 && *end == '\0', "%s", line);
	}
	ck_assert_uint_eq(families, METRIC_COUNT);
	buf_free(&out);
}
END_TEST

START_TEST(promtool_agrees)
{
	struct buf out = { 0 };

	use_some();
	metric_text(&out);
	FILE *promtool = popen("promtool check metrics >&2", "w");
	ck_assert_ptr_nonnull(promtool);
	fwrite(out.ptr, 1, out.len, promtool);
	ck_assert_int_eq(pclose(promtool), 0);
	buf_free(&out);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("metric");
	Suite *suite = suite_create("metric");

	tcase_add_test(tc, counter_gauge);
	tcase_add_test(tc, quantile);
	tcase_add_test(tc, histogram_text);
	tcase_add_test(tc, labels);
	tcase_add_test(tc, labels_are_bounded);
	tcase_add_test(tc, large_numbers_stay_exact);
	tcase_add_test(tc, format);
	if (system("command -v promtool >/dev/null") == 0)
		tcase_add_test(tc, promtool_agrees);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
