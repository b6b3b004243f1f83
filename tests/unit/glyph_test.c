/* Tests of text/glyph. */
#include <check.h>
#include <stdlib.h>

#include "text/glyph.h"
#include "text/utf8.h"

/* The septets 00 to 7F in order (3GPP TS 23.038 6.2.1); ESC stands for itself. */
static const char alphabet[] =
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1b" "ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

static const struct { int septet; unsigned codepoint; } extension[] = {
	{ 0x0A, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2F, '\\' },
	{ 0x3C, '[' }, { 0x3D, '~' }, { 0x3E, ']' }, { 0x40, '|' }, { 0x65, 0x20AC },
};

enum { EXTENSIONS = sizeof(extension) / sizeof(*extension) };

START_TEST(default_alphabet)
{
	struct str rest = STR(alphabet);
	unsigned bytes;

	for (int septet = 0; septet < 128; septet++, str_skip(&rest, bytes)) {
		unsigned c = utf8_decode(rest, &bytes);

		if (septet == 0x1B) {
			ck_assert_int_eq(glyph_gsm7(c), -1);
			ck_assert_int_eq(glyph_from_gsm7(septet, false), -1);
			continue;
		}
		ck_assert_msg(glyph_gsm7(c) == septet, "U+%04X: %d", c, glyph_gsm7(c));
		ck_assert_int_eq(glyph_from_gsm7(septet, false), (int)c);
	}
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_int_eq(glyph_from_gsm7(128, false), -1);
}
END_TEST

START_TEST(extension_table)
{
	unsigned defined = 0;

	for (int i = 0; i < EXTENSIONS; i++) {
		ck_assert_int_eq(glyph_gsm7(extension[i].codepoint), 0x1B00 | extension[i].septet);
		ck_assert_int_eq(glyph_from_gsm7(extension[i].septet, true),
				 (int)extension[i].codepoint);
	}
	for (unsigned septet = 0; septet < 256; septet++)
		defined += glyph_from_gsm7(septet, true) >= 0;
	ck_assert_uint_eq(defined, EXTENSIONS);
}
END_TEST

/* Exactly 127 + 10 code points have septets. */
START_TEST(nothing_else)
{
	unsigned n = 0;

	for (unsigned c = 0; c < 0x110000; c++)
		n += glyph_gsm7(c) >= 0;
	ck_assert_uint_eq(n, 127 + EXTENSIONS);
	ck_assert_int_eq(glyph_gsm7('`'), -1);
	ck_assert_int_eq(glyph_gsm7('\t'), -1);
	ck_assert_int_eq(glyph_gsm7(0), -1);
	ck_assert_int_eq(glyph_gsm7(0xE7), -1);		/* ç: only Ç is there */
	ck_assert_int_eq(glyph_gsm7(0xFFFF), -1);
	ck_assert_int_eq(glyph_gsm7(0x4F60), -1);
}
END_TEST

static const struct { const char *text; enum coding coding; unsigned bytes, units; } first[] = {
	{ "", CODING_GSM7, 0, 0 },
	{ "", CODING_UCS2, 0, 0 },
	{ "ab", CODING_GSM7, 1, 1 },
	{ "ab", CODING_UCS2, 1, 1 },
	{ "@", CODING_GSM7, 1, 1 },
	{ "é!", CODING_GSM7, 2, 1 },
	{ "Ω", CODING_GSM7, 2, 1 },
	{ "€", CODING_GSM7, 3, 2 },
	{ "€", CODING_UCS2, 3, 1 },
	{ "{", CODING_GSM7, 1, 2 },
	{ "\f", CODING_GSM7, 1, 2 },
	{ "{", CODING_UCS2, 1, 1 },
	{ "`", CODING_GSM7, 1, 0 },
	{ "余", CODING_GSM7, 3, 0 },
	{ "余额", CODING_UCS2, 3, 1 },
	{ "😀", CODING_GSM7, 4, 0 },
	{ "😀a", CODING_UCS2, 4, 2 },
	{ "\xEF\xBF\xBF", CODING_UCS2, 3, 1 },		/* U+FFFF */
	{ "\xF0\x90\x80\x80", CODING_UCS2, 4, 2 },	/* U+10000 */
};

START_TEST(first_character)
{
	struct glyph g = glyph_first(str_z(first[_i].text), first[_i].coding);

	ck_assert_uint_eq(g.bytes, first[_i].bytes);
	ck_assert_uint_eq(g.units, first[_i].units);
}
END_TEST

START_TEST(coding_of_text)
{
	ck_assert_int_eq(glyph_coding(STR("")), CODING_GSM7);
	ck_assert_int_eq(glyph_coding(STR("Balance: 12.50 {€} \f[~]|\\^ ÄÖÜ à Ω")), CODING_GSM7);
	ck_assert_int_eq(glyph_coding(STR("Balance `12`")), CODING_UCS2);
	ck_assert_int_eq(glyph_coding(STR("façade")), CODING_UCS2);
	ck_assert_int_eq(glyph_coding(STR("a\tb")), CODING_UCS2);
	ck_assert_int_eq(glyph_coding(STR("“quoted”")), CODING_UCS2);
	ck_assert_int_eq(glyph_coding(STR("OK 👍")), CODING_UCS2);
	ck_assert_int_eq(glyph_coding(STR("余额")), CODING_UCS2);
}
END_TEST

/* Cut-off bytes must not be read past. */
START_TEST(torn_bytes)
{
	static const char *const torn[] = { "\xE4", "\xE4\xBD", "\xF0\x9F\x98", "\x80", "\xFF" };

	for (unsigned i = 0; i < sizeof(torn) / sizeof(*torn); i++) {
		size_t n = strlen(torn[i]);
		char *exact = malloc(n);

		memcpy(exact, torn[i], n);
		ck_assert_uint_eq(glyph_first(str_n(exact, n), CODING_UCS2).bytes, 1);
		ck_assert_int_eq(glyph_coding(str_n(exact, n)), CODING_UCS2);
		free(exact);
	}
}
END_TEST

START_TEST(utf8_round_trip)
{
	for (unsigned c = 1; c < 0x110000; c++) {
		char out[UTF8_MAX];
		unsigned bytes, n = utf8_encode(out, c);

		ck_assert_uint_eq(n, utf8_size(c));
		if (utf8_decode(str_n(out, n), &bytes) != c || bytes != n)
			ck_abort_msg("U+%04X does not come back", c);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("glyph");
	TCase *tc = tcase_create("glyph");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, default_alphabet);
	tcase_add_test(tc, extension_table);
	tcase_add_test(tc, nothing_else);
	tcase_add_loop_test(tc, first_character, 0, sizeof(first) / sizeof(*first));
	tcase_add_test(tc, coding_of_text);
	tcase_add_test(tc, torn_bytes);
	tcase_add_test(tc, utf8_round_trip);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
