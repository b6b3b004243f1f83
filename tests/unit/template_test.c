/* Tests of text/template, with its filters and moments. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/moment.h"
#include "text/template.h"
#include "text/template_names.h"

enum { COLUMNS = 6, ROWS_MAX = 3, ERRORS_MAX = 16 };

static const char *const names[COLUMNS] = { "name", "price", "code", "paid_at", "on", "last_bill" };

static struct arena *arena;
static struct buf out;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(&arena);
	buf_free(&out);
}

/* Rows of values in the order of names; what is left out is NULL. */
typedef const char *value_rows[ROWS_MAX][COLUMNS];

static struct str get(void *arg, unsigned row, unsigned column)
{
	const char *(*rows)[COLUMNS] = arg;

	ck_assert_uint_lt(row, ROWS_MAX);
	ck_assert_uint_lt(column, COLUMNS);
	return str_z(rows[row][column]);
}

static void refuse(void *arg, const struct template_error *error)
{
	(void)arg;
	ck_abort_msg("at %u: %s", error->offset, error->text);
}

static const char *render(const char *source, value_rows rows, unsigned n, const char *lang)
{
	struct template *t = template_new(arena, str_z(source), names, COLUMNS, refuse, NULL);
	struct template_data data = { .rows = n, .get = get, .arg = rows, .lang = lang };

	ck_assert_ptr_nonnull(t);
	out.len = 0;
	template_render(t, &data, &out);
	return buf_cstr(&out);
}

static value_rows two = {
	{ "彩铃", "5.00", "CAILING", "2026-11-22 08:30:00.123+00", "t", "2026-10-01" },
	{ "手机报", "3.50", "SJB", NULL, "f", NULL },
};

static const struct { const char *source, *out; } shapes[] = {
	{ "", "" },
	{ "plain } text {", "plain } text {" },
	{ "{{name}}", "彩铃" },
	{ "您申请{{name}},{{price|yuan}}元/月,QX{{code}}可退", "您申请彩铃,5元/月,QXCAILING可退" },
	{ "{{ name }}|{{name|lower|upper}}|{{ code | lower }}", "彩铃|彩铃|cailing" },
	{ "a{{! a comment, with {{ and # }}b", "ab" },
	{ "{{!}}", "" },
	{ "}}{{name}}}}", "}}彩铃}}" },
	/* sections */
	{ "{{#on}}on{{/on}}{{^on}}off{{/on}}", "on" },
	{ "{{# on }}on{{/ on }}", "on" },
	{ "{{#on}}{{#name}}{{name}}{{/name}}{{/on}}.", "彩铃." },
	{ "{{#on}}{{^name}}none{{/name}}{{/on}}.", "." },
	{ "{{#name}}{{/name}}", "" },
	/* rows */
	{ "{{#rows}}{{.n}}.{{name}} {{price|yuan}}元{{^last}}; {{/last}}{{/rows}}",
	  "1.彩铃 5元; 2.手机报 3.50元" },
	{ "{{#rows}}{{#last}}和{{/last}}{{name}}{{/rows}}", "彩铃和手机报" },
	{ "{{#rows}}{{#on}}{{code}}+{{/on}}{{^on}}{{code}}-{{/on}}{{/rows}}", "CAILING+SJB-" },
	{ "{{#rows}}{{paid_at|date|or:无}} {{/rows}}", "2026-11-22 无 " },
	{ "{{#rows}}{{code}}{{/rows}},{{code}}", "CAILINGSJB,CAILING" },
	{ "{{^rows}}none{{/rows}}{{#rows}}x{{/rows}}", "xx" },
	{ "{{#on}}{{#rows}}{{.n}}{{/rows}}{{/on}}", "12" },
	{ "{{#rows}}{{.n|or:x}}{{/rows}}", "12" },
	{ "{{last_bill|month}}", "2026年10月" },
};

START_TEST(shape)
{
	ck_assert_str_eq(render(shapes[_i].source, two, 2, "zh"), shapes[_i].out);
}
END_TEST

START_TEST(row_counts)
{
	const char *source = "{{#rows}}{{.n}}{{^last}},{{/last}}{{/rows}}{{^rows}}none{{/rows}}";

	ck_assert_str_eq(render(source, two, 0, "zh"), "none");
	ck_assert_str_eq(render(source, two, 1, "zh"), "1");
	ck_assert_str_eq(render(source, two, 2, "zh"), "1,2");
	ck_assert_str_eq(render(source, two, 3, "zh"), "1,2,3");
	/* outside of rows the first row is asked for, however many there are */
	ck_assert_str_eq(render("{{code}}", two, 0, "zh"), "CAILING");
}
END_TEST

static const struct { const char *value; bool holds; } truths[] = {
	{ NULL, false }, { "", false }, { "f", false }, { "false", false }, { "0", false },
	{ "0.00", false }, { "-0", false }, { "+0.0", false }, { "000", false }, { ".0", false },
	{ "t", true }, { "true", true }, { "1", true }, { "0.01", true }, { "-1", true },
	{ "no", true }, { ".", true }, { "-", true }, { "0.0.0", true }, { "F", true },
	{ " ", true }, { "00:00", true },
};

START_TEST(truth)
{
	value_rows rows = { { truths[_i].value } };
	const char *got = render("{{#name}}yes{{/name}}{{^name}}no{{/name}}", rows, 1, "zh");

	ck_assert_msg(strcmp(got, truths[_i].holds ? "yes" : "no") == 0, "\"%s\": %s",
		      truths[_i].value ? truths[_i].value : "NULL", got);
}
END_TEST

static const struct { const char *filter, *in, *zh, *en; } filters[] = {
	/* en NULL: the same as zh */
	{ "yuan", NULL, "" }, { "yuan", "", "" },
	{ "yuan", "5", "5" }, { "yuan", "5.00", "5" }, { "yuan", "5.5", "5.50" },
	{ "yuan", "12.50", "12.50" }, { "yuan", "0", "0" }, { "yuan", "0.05", "0.05" },
	{ "yuan", "-3", "-3" }, { "yuan", "-3.1", "-3.10" }, { "yuan", "-0.00", "0" },
	{ "yuan", "-0.05", "-0.05" }, { "yuan", "-0.004", "0" },
	{ "yuan", "1.005", "1.01" }, { "yuan", "1.004", "1" }, { "yuan", "1.995", "2" },
	{ "yuan", "-1.995", "-2" }, { "yuan", "9.999", "10" }, { "yuan", "+7", "7" },
	{ "yuan", "007", "7" }, { "yuan", "9999999999999.99", "9999999999999.99" },
	{ "yuan", "99999999999999", "99999999999999" },
	{ "yuan", "99999999999999.5", "99999999999999.5" },
	{ "yuan", "NaN", "NaN" }, { "yuan", "1e3", "1e3" }, { "yuan", "5元", "5元" },
	{ "yuan", "1,000", "1,000" }, { "yuan", "-", "-" }, { "yuan", ".", "." },
	{ "yuan", "1.2.3", "1.2.3" }, { "yuan", "--1", "--1" },
	{ "fen", "0", "0" }, { "fen", "5", "0.05" }, { "fen", "50", "0.50" },
	{ "fen", "500", "5" }, { "fen", "1250", "12.50" }, { "fen", "-1250", "-12.50" },
	{ "fen", "12.5", "12.5" }, { "fen", "x", "x" }, { "fen", NULL, "" },
	{ "percent", "0.125", "12.5%" }, { "percent", "0.1", "10%" }, { "percent", "1", "100%" },
	{ "percent", "0", "0%" }, { "percent", "0.3333333", "33.33%" },
	{ "percent", "-0.05", "-5%" }, { "percent", "0.99999", "100%" },
	{ "percent", "1.005", "100.5%" }, { "percent", "0.0005", "0.05%" },
	{ "percent", "n/a", "n/a" }, { "percent", NULL, "" },
	{ "size", "0", "0MB" }, { "size", "0.04", "0MB" }, { "size", "0.5", "0.5MB" },
	{ "size", "512", "512MB" }, { "size", "512.0", "512MB" }, { "size", "512.25", "512.3MB" },
	{ "size", "1023", "1023MB" }, { "size", "1023.94", "1023.9MB" },
	{ "size", "1023.95", "1GB" }, { "size", "1024", "1GB" }, { "size", "1536", "1.5GB" },
	{ "size", "1126.4", "1.1GB" }, { "size", "1280", "1.25GB" }, { "size", "10240", "10GB" },
	{ "size", "1034", "1.01GB" }, { "size", "-512", "-512MB" }, { "size", "-1536", "-1.5GB" },
	{ "size", "1048576", "1024GB" }, { "size", "much", "much" },
	{ "date", "2026-11-22", "2026-11-22" },
	{ "date", "20261122", "2026-11-22" },
	{ "date", "2026-11-22 08:30:00", "2026-11-22" },
	{ "date", "2026-11-22T08:30:00", "2026-11-22" },
	{ "date", "2026-11-22 08:30:00.123+00", "2026-11-22" },
	{ "date", "2026-11-22 16:30:00+00", "2026-11-23" },
	{ "date", "2026-12-31 16:00:00+00", "2027-01-01" },
	{ "date", "2026-11-22 00:30:00+08", "2026-11-22" },
	{ "date", "2026-11-22 03:30:00+14", "2026-11-21" },
	{ "date", "2024-02-29", "2024-02-29" },
	{ "date", "2026-02-29", "2026-02-29" },		/* no date: left as it is */
	{ "date:ymd", "2026-02-29", "2026-02-29" },
	{ "date:ymd", "2024-02-29", "2024年2月29日", "Feb 29 2024" },
	{ "date:ymd", "1900-02-29", "1900-02-29" },
	{ "date:ymd", "2000-02-29", "2000年2月29日", "Feb 29 2000" },
	{ "date:md", "2026-11-22", "11月22日", "Nov 22" },
	{ "date:md", "2026-01-02 23:59:59+08", "1月2日", "Jan 2" },
	{ "date:ymd", "2026-11-22", "2026年11月22日", "Nov 22 2026" },
	{ "date", "202609", "202609" }, { "date", "2026-09", "2026-09" },
	{ "date", "2026-13-01", "2026-13-01" }, { "date:md", "2026-00-10", "2026-00-10" },
	{ "date:md", "2026-11-31", "2026-11-31" }, { "date:md", "0000-01-01", "0000-01-01" },
	{ "date:md", "infinity", "infinity" }, { "date:md", "0044-03-15 BC", "0044-03-15 BC" },
	{ "date:md", "2026-11-22 ", "2026-11-22 " }, { "date:md", "2026-11-22x", "2026-11-22x" },
	{ "date", NULL, "" },
	{ "time", "08:30:00", "08:30" }, { "time", "08:30", "08:30" },
	{ "time", "08:30:00+08", "08:30" },
	{ "time", "2026-11-22 08:30:00", "08:30" }, { "time", "2026-11-22 08:30", "08:30" },
	{ "time", "2026-11-22 08:30:00+00", "16:30" },
	{ "time", "2026-11-22 23:30:00+00", "07:30" },
	{ "time", "2026-11-22 08:30:00Z", "16:30" },
	{ "time", "2026-11-22 08:30:00+05:30", "11:00" },
	{ "time", "2026-11-22 08:30:00-03:30", "20:00" },
	{ "time", "1900-01-01 08:05:43+08:05:43", "08:00" },
	{ "time", "2026-11-22", "2026-11-22" }, { "time", "25:00", "25:00" },
	{ "time", "08:60", "08:60" }, { "time", "2026-11-22 08:30:00+8", "2026-11-22 08:30:00+8" },
	{ "datetime", "2026-11-22 08:30:00.123+00", "2026-11-22 16:30" },
	{ "datetime", "2026-11-22 08:30:00", "2026-11-22 08:30" },
	{ "datetime", "2026-11-22", "2026-11-22" }, { "datetime", "08:30:00", "08:30:00" },
	{ "month", "2026-09-01", "2026年9月", "Sep 2026" },
	{ "month", "202609", "2026年9月", "Sep 2026" },
	{ "month", "2026-09", "2026年9月", "Sep 2026" },
	{ "month", "2026-12-31", "2026年12月", "Dec 2026" },
	{ "month", "2026-08-31 17:00:00+00", "2026年9月", "Sep 2026" },
	{ "month", "202613", "202613" }, { "month", "9", "9" }, { "month", "08:30", "08:30" },
	{ "mask", "13800138000", "138****8000" }, { "mask", "8613800138000", "138****8000" },
	{ "mask", "+447700900123", "+447*******23" },
	{ "mask", "1234567890123456", "************3456" },
	{ "mask", "12345", "*2345" }, { "mask", "1234", "1234" },
	{ "mask", "湖北省武汉市路", "***武汉市路" }, { "mask", NULL, "" },
	{ "upper", "abcé余", "ABCÉ余" }, { "lower", "ABCÉ余", "abcé余" },
	{ "or:无", NULL, "无" }, { "or:无", "", "无" }, { "or:无", "x", "x" },
	{ "or: a: b ", NULL, "a: b" }, { "or:f", "false", "false" },
	{ "yuan|or:0", NULL, "0" }, { "or:0|yuan", NULL, "0" }, { "or:5.5|yuan", NULL, "5.50" },
	{ "date|or:-|lower|upper", NULL, "-" }, { "fen|yuan", "500", "5" },
};

START_TEST(filter)
{
	value_rows rows = { { filters[_i].in } };
	const char *in = filters[_i].in ? filters[_i].in : "NULL";
	const char *en = filters[_i].en ? filters[_i].en : filters[_i].zh;
	char source[64];

	snprintf(source, sizeof(source), "<{{name|%s}}>", filters[_i].filter);
	for (unsigned lang = 0; lang < 2; lang++) {
		const char *got = render(source, rows, 1, lang ? "en" : "zh");
		struct str inner = str_n(got + 1, strlen(got) - 2);

		ck_assert_msg(str_eqz(inner, lang ? en : filters[_i].zh), "%s of \"%s\": %s",
			      filters[_i].filter, in, got);
	}
}
END_TEST

/* A chain over a value that is longer than any buffer on the stack. */
START_TEST(long_value)
{
	char text[5000];
	value_rows rows = { { text } };

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	const char *got = render("{{name|upper|lower|upper}}", rows, 1, NULL);
	ck_assert_uint_eq(strlen(got), sizeof(text) - 1);
	ck_assert_uint_eq(strspn(got, "A"), sizeof(text) - 1);
}
END_TEST

START_TEST(appends)
{
	struct template *t = template_new(arena, STR("{{name|upper|lower}}"), names, COLUMNS,
					  refuse, NULL);
	value_rows rows = { { "B" } };
	struct template_data data = { 1, get, rows, "zh" };

	buf_z(&out, "A");
	template_render(t, &data, &out);
	template_render(t, &data, &out);
	ck_assert_str_eq(buf_cstr(&out), "Abb");
}
END_TEST

START_TEST(uses)
{
	struct template *t = template_new(arena, STR("{{name}}{{#rows}}{{^on}}-{{/on}}{{/rows}}"),
					  names, COLUMNS, refuse, NULL);

	ck_assert(template_uses(t, 0));
	ck_assert(!template_uses(t, 1));
	ck_assert(template_uses(t, 4));
	ck_assert(!template_uses(t, 5));
	ck_assert(!template_uses(t, COLUMNS));
}
END_TEST

/* The source may go once it is compiled. */
START_TEST(source_is_copied)
{
	char *source = strdup("a{{name|or:b}}c");
	struct template *t = template_new(arena, str_z(source), names, COLUMNS, refuse, NULL);
	value_rows rows = { { NULL } };
	struct template_data data = { 1, get, rows, "zh" };

	memset(source, 'x', strlen(source));
	free(source);
	template_render(t, &data, &out);
	ck_assert_str_eq(buf_cstr(&out), "abc");
}
END_TEST

struct seen {
	unsigned n;
	struct template_error error[ERRORS_MAX];
};

static void remember(void *arg, const struct template_error *error)
{
	struct seen *seen = arg;

	ck_assert_uint_lt(seen->n, ERRORS_MAX);
	seen->error[seen->n++] = *error;
}

/* Each error: where, and words of its text. */
static const struct {
	const char *source;
	struct { unsigned offset; const char *words; } error[4];
} wrong[] = {
	{ "{{pirce}}", { { 2, "\"pirce\": did you mean \"price\"" } } },
	{ "{{nothing_like_it}}", { { 2, "use one of name, price, code" } } },
	{ "{{ nme }}", { { 3, "did you mean \"name\"" } } },
	{ "余{{nmae}}", { { 5, "did you mean \"name\"" } } },
	{ "{{#row}}{{/row}}", { { 3, "did you mean \"rows\"" } } },
	{ "{{rows}}", { { 2, "unknown name" } } },
	{ "{{name|yuann}}", { { 7, "unknown filter \"yuann\": did you mean \"yuan\"" } } },
	{ "{{name|whatever}}", { { 7, "unknown filter \"whatever\": see" } } },
	{ "{{name|}}", { { 7, "unknown filter" } } },
	{ "{{name|yuan:2}}", { { 7, "yuan takes no argument" } } },
	{ "{{name|date:dmy}}", { { 7, "date takes md or ymd" } } },
	{ "{{name|date:}}", { { 7, "date takes md or ymd" } } },
	{ "{{name|or}}", { { 7, "or needs a text" } } },
	{ "{{name|or:}}", { { 7, "or needs a text" } } },
	{ "{{}}", { { 2, "lacks a name" } } },
	{ "{{  }}", { { 2, "lacks a name" } } },
	{ "{{#}}{{/}}", { { 3, "lacks a name" }, { 8, "lacks a name" } } },
	{ "{{na me}}", { { 2, "is no name" } } },
	{ "{{|yuan}}", { { 2, "is no name" } } },
	{ "{{{name}}}", { { 2, "nothing is escaped" } } },
	{ "{{&name}}", { { 2, "nothing is escaped" } } },
	{ "{{> part}}", { { 2, "not known here" } } },
	{ "{{name", { { 0, "not closed" } } },
	{ "a {{name {{code}}", { { 2, "not closed" } } },
	{ "{{", { { 0, "not closed" } } },
	{ "{{! {{name}", { { 0, "not closed" }, { 4, "not closed" } } },
	{ "{{#name}}x", { { 3, "{{#name}} is not closed: write {{/name}}" } } },
	{ "{{^name}}x", { { 3, "{{^name}} is not closed" } } },
	{ "x{{/name}}", { { 4, "closes nothing: no section is open" } } },
	{ "{{#name}}{{/code}}{{/name}}", { { 12, "{{#name}} is open, write {{/name}}" } } },
	{ "{{#name}}{{/nmae}}", { { 12, "{{#name}} is open, write {{/name}}" } } },
	{ "{{#name}}{{^code}}{{/name}}{{/code}}", { { 21, "crosses {{^code}}" } } },
	{ "{{#rows}}{{#on}}{{/rows}}{{/on}}", { { 19, "crosses {{#on}}" } } },
	{ "{{#rows}}{{#rows}}{{/rows}}{{/rows}}", { { 12, "rows inside rows" } } },
	{ "{{#rows}}{{^rows}}{{/rows}}{{/rows}}", { { 12, "rows inside rows" } } },
	{ "{{.n}}", { { 2, "inside {{#rows}}" } } },
	{ "{{#on}}{{.n}}{{/on}}", { { 9, "inside {{#rows}}" } } },
	{ "{{^last}},{{/last}}", { { 3, "inside {{#rows}}" } } },
	{ "{{#rows}}{{/rows}}{{.n}}", { { 20, "inside {{#rows}}" } } },
	{ "{{#rows}}{{last}}{{/rows}}", { { 11, "unknown name" } } },
	{ "{{#name|yuan}}{{/name|yuan}}", { { 3, "takes no filter" } } },
	/* all of them, not only the first */
	{ "{{pirce}} {{name|yuann}} {{#on}} {{cod",
	  { { 2, "price" }, { 17, "yuan" }, { 33, "not closed" }, { 28, "not closed" } } },
	{ "{{pirce|yuann|or}}", { { 2, "price" }, { 8, "yuan" }, { 14, "or needs" } } },
};

START_TEST(errors)
{
	struct seen seen = { 0 };
	unsigned n = 0;

	ck_assert_ptr_null(template_new(arena, str_z(wrong[_i].source), names, COLUMNS, remember,
					&seen));
	while (n < 4 && wrong[_i].error[n].words)
		n++;
	for (unsigned i = 0; i < seen.n && i < n; i++) {
		ck_assert_msg(strstr(seen.error[i].text, wrong[_i].error[i].words) &&
			      seen.error[i].offset == wrong[_i].error[i].offset,
			      "%s: at %u: %s", wrong[_i].source, seen.error[i].offset,
			      seen.error[i].text);
	}
	ck_assert_msg(seen.n == n, "%s: %u errors, the last: %s", wrong[_i].source, seen.n,
		      seen.n ? seen.error[seen.n - 1].text : "none");
	/* nobody has to listen */
	ck_assert_ptr_null(template_new(arena, str_z(wrong[_i].source), names, COLUMNS, NULL,
					NULL));
}
END_TEST

START_TEST(depth)
{
	struct seen seen = { 0 };

	for (unsigned i = 0; i < 16; i++)
		buf_z(&out, "{{#on}}");
	buf_z(&out, "{{name}}");
	for (unsigned i = 0; i < 16; i++)
		buf_z(&out, "{{/on}}");
	struct template *t = template_new(arena, buf_get(&out), names, COLUMNS, refuse, NULL);
	struct template_data data = { 1, get, two, "zh" };
	struct buf deep = { 0 };
	template_render(t, &data, &deep);
	ck_assert_str_eq(buf_cstr(&deep), "彩铃");
	deep.len = 0;
	buf_z(&deep, "{{#on}}{{#on}}");
	buf_str(&deep, buf_get(&out));
	buf_z(&deep, "{{/on}}{{/on}}");
	ck_assert_ptr_null(template_new(arena, buf_get(&deep), names, COLUMNS, remember, &seen));
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_ptr_nonnull(strstr(seen.error[0].text, "more than 16"));
	buf_free(&deep);
}
END_TEST

/* However long the names are, an error text stays whole UTF-8 on one line. */
START_TEST(error_text_is_clean)
{
	static const char *const many[] = {
		"余额余额余额余额余额余额余额余额余额余额" "余额余额余额余额余额余额余额余额余额余额",
		"话费话费话费话费话费话费话费话费话费话费" "话费话费话费话费话费话费话费话费话费话费",
	};
	struct seen seen = { 0 };

	ck_assert_ptr_null(template_new(arena, STR("{{#额额额额额额额额额额额额额额额额额额}}"),
					many, 2, remember, &seen));
	ck_assert_ptr_null(template_new(arena, STR("{{whatever}}"), names, COLUMNS, remember,
					&seen));
	ck_assert_ptr_null(template_new(arena, STR("{{a\nb}}"), many, 2, remember, &seen));
	ck_assert_uint_eq(seen.n, 4);
	for (unsigned i = 0; i < seen.n; i++) {
		struct str rest = str_z(seen.error[i].text);

		ck_assert_uint_lt(rest.len, sizeof(seen.error[i].text));
		ck_assert_ptr_null(memchr(rest.ptr, '\n', rest.len));
		while (rest.len) {
			unsigned char lead = *rest.ptr;
			size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

			ck_assert_uint_ne(lead & 0xC0, 0x80);
			ck_assert_uint_le(n, rest.len);
			str_skip(&rest, n);
		}
	}
}
END_TEST

START_TEST(no_names)
{
	struct seen seen = { 0 };

	ck_assert_ptr_nonnull(template_new(arena, STR("plain"), NULL, 0, refuse, NULL));
	ck_assert_ptr_nonnull(template_new(arena, str_n(NULL, 0), NULL, 0, refuse, NULL));
	ck_assert_ptr_null(template_new(arena, STR("{{name}}"), NULL, 0, remember, &seen));
	ck_assert_ptr_nonnull(strstr(seen.error[0].text, "there are no names here"));
}
END_TEST

static const struct { const char *text; bool ok; struct moment m; } moments[] = {
	{ "2026-11-22", true, { 2026, 11, 22, -1, -1 } },
	{ "2026-11", true, { 2026, 11, 0, -1, -1 } },
	{ "202611", true, { 2026, 11, 0, -1, -1 } },
	{ "20261122", true, { 2026, 11, 22, -1, -1 } },
	{ "08:30:59.5", true, { 0, 0, 0, 8, 30 } },
	{ "2026-11-22 08:30:59.5", true, { 2026, 11, 22, 8, 30 } },
	{ "2026-12-31 20:00:00+00", true, { 2027, 1, 1, 4, 0 } },
	{ "2024-02-28 16:00:00+00", true, { 2024, 2, 29, 0, 0 } },
	{ "1969-12-31 23:00:00+00", true, { 1970, 1, 1, 7, 0 } },
	{ "", false }, { "2026", false }, { "2026-1-1", false }, { "2026-11-22 ", false },
	{ "2026-1122", false }, { "202611-22", false }, { "2026-11 08:30", false },
	{ "2026-11-22 24:00:00", false }, { "2026-11-22 08:30:00 +00", false },
	{ "2026-11-22 08:30:00+00:00:00:00", false }, { "2026-11-22 08:30:00+", false },
	{ "08:30:00x", false }, { "12026-11-22", false }, { "-infinity", false },
	{ "2026-11-22 08", false }, { "2026-11-22 08:30:", false },
};

START_TEST(moment)
{
	struct moment m;

	ck_assert_msg(moment_parse(str_z(moments[_i].text), &m) == moments[_i].ok, "%s",
		      moments[_i].text);
	if (!moments[_i].ok)
		return;
	ck_assert_int_eq(m.year, moments[_i].m.year);
	ck_assert_int_eq(m.month, moments[_i].m.month);
	ck_assert_int_eq(m.day, moments[_i].m.day);
	ck_assert_int_eq(m.hour, moments[_i].m.hour);
	ck_assert_int_eq(m.minute, moments[_i].m.minute);
}
END_TEST

static const struct {
	const char *source;
	bool bare;
} bares[] = {
	{ "{{name}}", true },
	{ "a {{ name | upper }} b", true },
	{ "{{name|or:customer}}", false },
	{ "{{name|upper|or:customer}}", false },
	{ "{{names}}", false },
	{ "{{#name}}Dear {{name}}{{/name}}", false },
	{ "{{#name}}Dear {{name}}{{/name}} {{name}}", true },
	{ "{{^name}}nobody{{/name}}", false },
	{ "{{#price}}{{name}}{{/price}}", true },
	{ "name", false },
	{ "", false },
	{ "{{name", false },
};

START_TEST(shows_bare)
{
	ck_assert_msg(template_shows_bare(str_z(bares[_i].source), STR("name")) == bares[_i].bare, "%s", bares[_i].source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("template");
	TCase *tc = tcase_create("template");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, shape, 0, sizeof(shapes) / sizeof(*shapes));
	tcase_add_test(tc, row_counts);
	tcase_add_loop_test(tc, truth, 0, sizeof(truths) / sizeof(*truths));
	tcase_add_loop_test(tc, filter, 0, sizeof(filters) / sizeof(*filters));
	tcase_add_test(tc, long_value);
	tcase_add_test(tc, appends);
	tcase_add_test(tc, uses);
	tcase_add_test(tc, source_is_copied);
	tcase_add_loop_test(tc, errors, 0, sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(tc, depth);
	tcase_add_test(tc, error_text_is_clean);
	tcase_add_test(tc, no_names);
	tcase_add_loop_test(tc, shows_bare, 0, sizeof(bares) / sizeof(*bares));
	tcase_add_loop_test(tc, moment, 0, sizeof(moments) / sizeof(*moments));
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
