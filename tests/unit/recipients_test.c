/* Tests of text/recipients, and with it of text/sheet, text/encoding and text/number_set. */
#include <check.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "text/recipients.h"

static struct buf out;

static void set_up(void)
{
	out = (struct buf){ 0 };
}

static void tear_down(void)
{
	buf_free(&out);
}

/* A line a row: its line, its number, language and values; or what is wrong. */
static const char *read_list(struct str content)
{
	struct recipient row;
	struct err err;
	struct recipients *r = recipients_new(content, &err);
	const char *const *name;

	out.len = 0;
	if (!r) {
		ck_assert_int_eq(err.class, ERR_INPUT);
		buf_printf(&out, "refused %s", err.text);
		return buf_cstr(&out);
	}
	unsigned n = recipients_columns(r, &name);
	while (recipients_next(r, &row)) {
		buf_printf(&out, "%u:", row.line);
		if (row.fault) {
			ck_assert(*row.why);
			buf_printf(&out, "%s\n", recipients_fault(row.fault));
			continue;
		}
		buf_printf(&out, "%s,%s", row.msisdn.text, row.lang ? row.lang : "-");
		for (unsigned i = 0; i < n; i++)
			buf_printf(&out, ",%s=%.*s", name[i], STR_ARG(row.data[i]));
		buf_char(&out, '\n');
	}
	recipients_free(&r);
	ck_assert_ptr_null(r);
	return buf_cstr(&out);
}

static const struct { const char *what; struct str in; const char *out; } lists[] = {
	{ "numbers alone", STR("msisdn\n13800138000\n13800138001\n"), "2:13800138000,-\n3:13800138001,-\n" },
	{ "no line end at the end", STR("msisdn\n13800138000"), "2:13800138000,-\n" },
	{ "no rows", STR("msisdn\n"), "" },
	{ "columns in any order, and case", STR("Name,LANG,Msisdn\n李,en,13800138000\n"),
	  "2:13800138000,en,name=李\n" },
	{ "names of columns in Chinese", STR("msisdn,套餐\n13800138000,畅享\n"), "2:13800138000,-,套餐=畅享\n" },
	{ "every writing of a number is one", STR("msisdn\n+86 138-0013-8000\n008613800138001\n+85291234567\n"),
	  "2:13800138000,-\n3:13800138001,-\n4:+85291234567,-\n" },
	{ "semicolons", STR("msisdn;name\n13800138000;a,b\n"), "2:13800138000,-,name=a,b\n" },
	{ "tabs", STR("msisdn\tname\n13800138000\ta, b\n"), "2:13800138000,-,name=a, b\n" },
	{ "CRLF", STR("msisdn,name\r\n13800138000,x\r\n"), "2:13800138000,-,name=x\n" },
	{ "quotes", STR("msisdn,name\n\"13800138000\",\"he said \"\"hi\"\", then\"\n"),
	  "2:13800138000,-,name=he said \"hi\", then\n" },
	{ "a value of two lines", STR("msisdn,name\n13800138000,\"a\nb\"\n13800138001,c\n"),
	  "2:control character\n4:13800138001,-,name=c\n" },
	{ "a tab in a value", STR("msisdn,name\n13800138000,a\tb\n"), "2:control character\n" },
	{ "blanks around what is not quoted", STR("msisdn , name\n 13800138000 ,\" x \"\n"),
	  "2:13800138000,-,name= x \n" },
	{ "blank lines", STR("\nmsisdn\n\n  \n13800138000\n\r\n"), "5:13800138000,-\n" },
	{ "empty values", STR("msisdn,lang,name\n13800138000,,\n"), "2:13800138000,-,name=\n" },
	{ "a mark of UTF-8", STR("\xEF\xBB\xBFmsisdn\n13800138000\n"), "2:13800138000,-\n" },
	{ "wrong rows between good ones",
	  STR("msisdn,lang\n1380013800,zh\n13800138000,zh\n13800138000,en\n13800138001\n13800138002,zh,x\n"
	      "13800138003,fr\n,zh\n李,zh\n13800138004,en\n"),
	  "2:bad number\n3:13800138000,zh\n4:duplicate\n5:wrong column count\n6:wrong column count\n"
	  "7:bad language\n8:bad number\n9:bad number\n10:13800138004,en\n" },
	{ "the same number in two writings", STR("msisdn\n13800138000\n+8613800138000\n"),
	  "2:13800138000,-\n3:duplicate\n" },
	{ "a number refused does not make the next one a duplicate",
	  STR("msisdn,lang\n13800138000,fr\n13800138000,zh\n"), "2:bad language\n3:13800138000,zh\n" },
	{ "a quote inside", STR("msisdn,name\n13800138000,a \"b\" c\n13800138001,x\n"),
	  "2:bad quotes\n3:13800138001,-,name=x\n" },
	{ "a quote that is not closed costs its row only",
	  STR("msisdn,name\n13800138000,\"a\n13800138001,x\n13800138002,\"y\"\n"),
	  "2:bad quotes\n3:13800138001,-,name=x\n4:13800138002,-,name=y\n" },
	{ "a quote that is not closed before the end", STR("msisdn,name\n13800138000,\"a\n13800138001,x\n"),
	  "2:bad quotes\n3:13800138001,-,name=x\n" },
	{ "a damaged line in UTF-8", STR("msisdn,name\n13800138000,李\n13800138001,\xFF\n13800138002,王\n"),
	  "2:13800138000,-,name=李\n3:bad encoding\n4:13800138002,-,name=王\n" },
	{ "a NUL", STR("msisdn,name\n13800138000,a\0b\n13800138001,c\n"), "2:bad encoding\n3:13800138001,-,name=c\n" },
	/* 李 and 王 in GBK; a character of four octets; half a character */
	{ "GB18030", STR("msisdn,name\n13800138000,\xC0\xEE\n13800138001,\x95\x32\x82\x36\n13800138002,\xCD\n"),
	  "2:13800138000,-,name=李\n3:13800138001,-,name=𠀀\n4:bad encoding\n" },
	{ "nothing", STR(""), "refused 1: the file is empty (its first line names the columns; msisdn must be one)" },
	{ "no msisdn", STR("number,name\n13800138000,x\n"),
	  "refused 1: no column msisdn (the first line names the columns; call the one with the numbers msisdn)" },
	{ "no header", STR("\n13800138000\n"),
	  "refused 2: no column msisdn (the first line names the columns; call the one with the numbers msisdn)" },
	{ "a column twice", STR("msisdn,a,A\n"), "refused 1: the column a stands there twice (rename one)" },
	{ "msisdn twice", STR("msisdn,msisdn\n"), "refused 1: the column msisdn stands there twice" },
};

START_TEST(list)
{
	ck_assert_msg(strcmp(read_list(lists[_i].in), lists[_i].out) == 0, "%s: %s", lists[_i].what,
		      buf_cstr(&out));
}
END_TEST

static struct str as(const char *encoding, struct str mark, struct str text, struct buf *room)
{
	iconv_t converter = iconv_open(encoding, "UTF-8");
	char *in = (char *)text.ptr;
	size_t in_left = text.len, out_left = 4 * text.len;

	buf_add(room, mark.ptr, mark.len);
	buf_room(room, out_left);
	char *to = room->ptr + room->len;
	ck_assert(iconv(converter, &in, &in_left, &to, &out_left) == 0);
	room->len = to - room->ptr;
	iconv_close(converter);
	return buf_get(room);
}

static const struct { const char *encoding; struct str mark; } encodings[] = {
	{ "UTF-8", STR("") }, { "UTF-8", STR("\xEF\xBB\xBF") },
	{ "UTF-16LE", STR("") }, { "UTF-16LE", STR("\xFF\xFE") },
	{ "UTF-16BE", STR("") }, { "UTF-16BE", STR("\xFE\xFF") },
	{ "GB18030", STR("") }, { "GB18030", STR("\x84\x31\x95\x33") },
};

/* U+0A0D and U+0D0A hold the octets of line ends. */
START_TEST(encoding)
{
	struct str text = STR("msisdn,name\r\n13800138000,李雷\r\n13800138001,\xE0\xA8\x8D\xE0\xB4\x8A\r\n");
	struct buf room = { 0 };

	ck_assert_str_eq(read_list(as(encodings[_i].encoding, encodings[_i].mark, text, &room)),
			 "2:13800138000,-,name=李雷\n3:13800138001,-,name=\xE0\xA8\x8D\xE0\xB4\x8A\n");
	buf_free(&room);
}
END_TEST

START_TEST(half_a_unit)
{
	ck_assert_str_eq(read_list(STR("m\0s\0i\0s\0d\0n\0\n\0""1\0""3\0""8\0""0\0""0\0""1\0""3\0""8\0""0\0""0\0""0\0\n\0x")),
			 "2:13800138000,-\n3:bad encoding\n");
}
END_TEST

START_TEST(what_the_text_uses_must_be_there)
{
	struct err err;
	struct recipients *r = recipients_new(STR("msisdn,a,b\n13800138000,,x\n13800138001,x,\n"), &err);
	struct recipient row;

	recipients_require(r, 1);
	ck_assert(recipients_next(r, &row));
	ck_assert_int_eq(row.fault, RECIPIENT_GOOD);
	ck_assert(recipients_next(r, &row));
	ck_assert_int_eq(row.fault, RECIPIENT_EMPTY);
	ck_assert_str_eq(row.why, "b is empty, and the text uses it");
	ck_assert(!recipients_next(r, &row));
	recipients_free(&r);
}
END_TEST

START_TEST(reasons_are_masked)
{
	struct err err;
	struct recipients *r = recipients_new(STR("msisdn\n13800138000\n13800138000\n23800138000\n"), &err);
	struct recipient row;

	ck_assert(recipients_next(r, &row) && recipients_next(r, &row));
	ck_assert_str_eq(row.why, "138****8000 stands in line 2 already");
	ck_assert(recipients_next(r, &row));
	ck_assert_ptr_null(strstr(row.why, "23800138000"));
	recipients_free(&r);
}
END_TEST

/* Every file of the list above, cut at every octet: a row more or less, nothing worse. */
START_TEST(cut_anywhere)
{
	struct str whole = lists[_i].in;

	for (size_t n = 0; n < whole.len; n++) {
		char *part = malloc(n + 1);	/* the sanitizer watches its end */

		memcpy(part, whole.ptr, n);
		read_list(str_n(part, n));
		free(part);
	}
}
END_TEST

START_TEST(many)
{
	enum { ROWS = 20000 };
	struct buf file = { 0 };
	struct err err;
	struct recipient row;
	unsigned good = 0, twice = 0;

	buf_z(&file, "msisdn\n");
	for (unsigned i = 0; i < ROWS; i++)
		buf_printf(&file, "%llu\n", 13000000000ull + i % (ROWS - 100) * 7919);
	struct recipients *r = recipients_new(buf_get(&file), &err);
	while (recipients_next(r, &row))
		row.fault ? twice++ : good++;
	ck_assert_uint_eq(good, ROWS - 100);
	ck_assert_uint_eq(twice, 100);
	recipients_free(&r);
	buf_free(&file);
}
END_TEST

int main(void)
{
	enum { LISTS = sizeof(lists) / sizeof(*lists) };
	Suite *suite = suite_create("recipients");
	TCase *tc = tcase_create("recipients");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, list, 0, LISTS);
	tcase_add_loop_test(tc, encoding, 0, sizeof(encodings) / sizeof(*encodings));
	tcase_add_test(tc, half_a_unit);
	tcase_add_test(tc, what_the_text_uses_must_be_there);
	tcase_add_test(tc, reasons_are_masked);
	tcase_add_loop_test(tc, cut_anywhere, 0, LISTS);
	tcase_add_test(tc, many);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
