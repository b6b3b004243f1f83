/* Tests of text/utf16. */
#include <check.h>
#include <stdlib.h>

#include "text/fold.h"
#include "text/utf16.h"

#define BAD "\xEF\xBF\xBD"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(&arena);
}

static const struct { struct str octets; const char *text; } decoding[] = {
	{ STR(""), "" },
	{ STR("\0A"), "A" },
	{ STR("\x4F\x59\x98\x9D"), "余额" },
	{ STR("\0\xE9"), "é" },
	{ STR("\xD8\x3D\xDE\x00"), "😀" },
	{ STR("\xD8\x00\xDC\x00"), "\xF0\x90\x80\x80" },
	{ STR("\xDB\xFF\xDF\xFF"), "\xF4\x8F\xBF\xBF" },
	{ STR("\0A\xD8\x3D\xDE\x00\0B"), "A😀B" },
	{ STR("\xFE\xFF\0A"), "\xEF\xBB\xBF" "A" },
	/* an odd last octet */
	{ STR("\0"), BAD },
	{ STR("\0A\0"), "A" BAD },
	{ STR("\xD8\x3D\xDE"), BAD BAD },
	/* halves of a pair */
	{ STR("\xD8\x3D"), BAD },
	{ STR("\xDE\x00"), BAD },
	{ STR("\xD8\x3D\0A"), BAD "A" },
	{ STR("\xD8\x3D\xD8\x3D\xDE\x00"), BAD "😀" },
	{ STR("\xDE\x00\xD8\x3D"), BAD BAD },
	{ STR("\xD8\x3D\xE0\x00"), BAD "\xEE\x80\x80" },
};

START_TEST(decode)
{
	struct str got = utf16_to_utf8(arena, decoding[_i].octets);

	ck_assert_ptr_nonnull(got.ptr);
	ck_assert_msg(str_eqz(got, decoding[_i].text), "got \"%.*s\"", STR_ARG(got));
	ck_assert(fold_utf8_ok(got));
}
END_TEST

static const struct { const char *text; struct str octets; } encoding[] = {
	{ "", STR("") },
	{ "A", STR("\0A") },
	{ "é", STR("\0\xE9") },
	{ "余额A", STR("\x4F\x59\x98\x9D\0A") },
	{ "😀", STR("\xD8\x3D\xDE\x00") },
	{ "\xEF\xBF\xBF", STR("\xFF\xFF") },
	{ "\xF0\x90\x80\x80", STR("\xD8\x00\xDC\x00") },
	{ "\xF4\x8F\xBF\xBF", STR("\xDB\xFF\xDF\xFF") },
};

START_TEST(encode)
{
	struct str got = utf16_from_utf8(arena, str_z(encoding[_i].text));

	ck_assert_ptr_nonnull(got.ptr);
	ck_assert(str_eq(got, encoding[_i].octets));
}
END_TEST

/* Every 16-bit unit, and a code point of each block above. */
START_TEST(round_trip)
{
	for (unsigned c = 1; c < 0x110000; c += c < 0x10000 ? 1 : 251) {
		char octets[4];
		size_t n = 2;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		if (c < 0x10000) {
			octets[0] = (char)(c >> 8);
			octets[1] = (char)c;
		} else {
			unsigned high = 0xD800 + ((c - 0x10000) >> 10), low = 0xDC00 + (c & 0x3FF);

			octets[0] = (char)(high >> 8);
			octets[1] = (char)high;
			octets[2] = (char)(low >> 8);
			octets[3] = (char)low;
			n = 4;
		}
		struct str text = utf16_to_utf8(arena, str_n(octets, n));
		ck_assert(fold_utf8_ok(text));
		ck_assert(str_eq(utf16_from_utf8(arena, text), str_n(octets, n)));
		arena_reset(arena);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("utf16");
	TCase *tc = tcase_create("utf16");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, decode, 0, sizeof(decoding) / sizeof(*decoding));
	tcase_add_loop_test(tc, encode, 0, sizeof(encoding) / sizeof(*encoding));
	tcase_add_test(tc, round_trip);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
