/* Tests of text/segment. */
#include <check.h>
#include <stdlib.h>

#include "base/mem.h"
#include "text/segment.h"

/* `times` of one character and then a tail; what becomes of it. */
static const struct {
	const char *unit;
	unsigned times;
	const char *tail;
	enum coding coding;
	unsigned count, spare;
} cases[] = {
	{ "", 0, "", CODING_GSM7, 0, 160 },
	{ "a", 1, "", CODING_GSM7, 1, 159 },
	{ "a", 159, "", CODING_GSM7, 1, 1 },
	{ "a", 160, "", CODING_GSM7, 1, 0 },
	{ "a", 161, "", CODING_GSM7, 2, 145 },
	{ "a", 305, "", CODING_GSM7, 2, 1 },
	{ "a", 306, "", CODING_GSM7, 2, 0 },
	{ "a", 307, "", CODING_GSM7, 3, 152 },
	{ "é", 160, "", CODING_GSM7, 1, 0 },
	/* from the extension table: 2 each */
	{ "€", 80, "", CODING_GSM7, 1, 0 },
	{ "€", 80, "a", CODING_GSM7, 2, 144 },		/* 76 and 4: one septet is lost */
	{ "€", 81, "", CODING_GSM7, 2, 143 },
	{ "a", 158, "{", CODING_GSM7, 1, 0 },
	{ "a", 159, "{", CODING_GSM7, 2, 145 },
	{ "a", 152, "{aaaaaaaaaa", CODING_GSM7, 2, 141 },	/* the pair moves: 152 | 12 */
	{ "a", 151, "{aaaaaaaaaa", CODING_GSM7, 2, 143 },	/* it fits: 153 | 10 */
	{ "€", 152, "", CODING_GSM7, 2, 1 },			/* 76 and 76: 152 of 153 */
	{ "€", 153, "", CODING_GSM7, 3, 151 },
	/* UCS-2 */
	{ "余", 1, "", CODING_UCS2, 1, 69 },
	{ "余", 69, "", CODING_UCS2, 1, 1 },
	{ "余", 70, "", CODING_UCS2, 1, 0 },
	{ "余", 71, "", CODING_UCS2, 2, 63 },
	{ "余", 134, "", CODING_UCS2, 2, 0 },
	{ "余", 135, "", CODING_UCS2, 3, 66 },
	{ "a", 69, "余", CODING_UCS2, 1, 0 },
	{ "a", 70, "余", CODING_UCS2, 2, 63 },
	/* above U+FFFF: 2 each */
	{ "余", 68, "😀", CODING_UCS2, 1, 0 },
	{ "余", 69, "😀", CODING_UCS2, 2, 63 },
	{ "余", 66, "😀余余余", CODING_UCS2, 2, 62 },		/* the pair moves: 66 | 5 */
	{ "余", 65, "😀余余余余", CODING_UCS2, 2, 63 },		/* it fits: 67 | 4 */
	{ "😀", 35, "", CODING_UCS2, 1, 0 },
	{ "😀", 36, "", CODING_UCS2, 2, 61 },			/* 33 and 3 */
	{ "😀", 66, "", CODING_UCS2, 2, 1 },
	{ "😀", 67, "", CODING_UCS2, 3, 65 },
	/* one character turns the whole text */
	{ "a", 160, "`", CODING_UCS2, 3, 40 },
	{ "a", 153 * 255, "", CODING_GSM7, 255, 0 },
	{ "余", 67 * 255, "", CODING_UCS2, 255, 0 },
	{ "😀", 33 * 255, "", CODING_UCS2, 255, 1 },
};

static struct str make(struct buf *buf, const char *unit, unsigned times, const char *tail)
{
	while (times--)
		buf_z(buf, unit);
	buf_z(buf, tail);
	return buf_get(buf);
}

static unsigned units(struct str text, enum coding coding)
{
	unsigned n = 0;

	while (text.len) {
		struct glyph g = glyph_first(text, coding);

		ck_assert_uint_gt(g.units, 0);
		n += g.units;
		str_skip(&text, g.bytes);
	}
	return n;
}

/* The parts are the text, in order, none empty, none too long, and none could have taken more. */
static void check_parts(struct str text, const struct segments *s)
{
	unsigned most = s->coding == CODING_GSM7 ? 160 : 70;
	const char *at = text.ptr;

	if (s->count > 1)
		most = s->coding == CODING_GSM7 ? 153 : 67;
	for (unsigned i = 0; i < s->count; i++) {
		unsigned n = units(s->part[i], s->coding);

		ck_assert_ptr_eq(s->part[i].ptr, at);
		ck_assert_uint_gt(n, 0);
		ck_assert_uint_le(n, most);
		at += s->part[i].len;
		if (i + 1 < s->count)
			ck_assert_uint_gt(n + glyph_first(s->part[i + 1], s->coding).units, most);
		else
			ck_assert_uint_eq(s->spare, most - n);
	}
	ck_assert_ptr_eq(at, text.ptr + text.len);
}

START_TEST(table)
{
	struct buf buf = { 0 };
	struct str text = make(&buf, cases[_i].unit, cases[_i].times, cases[_i].tail);
	struct segments s;
	struct err err;

	ck_assert_int_eq(segment_text(text, SEGMENT_MAX, &s, &err), 0);
	ck_assert_int_eq(s.coding, cases[_i].coding);
	ck_assert_uint_eq(s.count, cases[_i].count);
	ck_assert_uint_eq(s.spare, cases[_i].spare);
	ck_assert_uint_eq(segment_count(text), s.count);
	check_parts(text, &s);
	buf_free(&buf);
}
END_TEST

START_TEST(no_text_at_all)
{
	struct segments s;

	ck_assert_int_eq(segment_text(str_n(NULL, 0), 0, &s, NULL), 0);
	ck_assert_uint_eq(s.count, 0);
	ck_assert_uint_eq(s.spare, 160);
	ck_assert_uint_eq(segment_count(str_n(NULL, 0)), 0);
}
END_TEST

static const struct { const char *unit; unsigned times, max; int rc; } limits[] = {
	{ "a", 1, 0, -1 },
	{ "a", 160, 1, 0 },
	{ "a", 161, 1, -1 },
	{ "a", 306, 2, 0 },
	{ "a", 307, 2, -1 },
	{ "余", 70, 1, 0 },
	{ "余", 71, 1, -1 },
	{ "😀", 66, 2, 0 },
	{ "😀", 67, 2, -1 },
	{ "a", 153 * 255, 1000, 0 },
	{ "a", 153 * 255 + 1, 1000, -1 },
	{ "余", 67 * 255 + 1, SEGMENT_MAX, -1 },
	{ "余", 67 * 300, SEGMENT_MAX, -1 },
};

START_TEST(limit)
{
	struct buf buf = { 0 };
	struct str text = make(&buf, limits[_i].unit, limits[_i].times, "");
	struct segments s;
	struct err err = { 0 };

	ck_assert_int_eq(segment_text(text, limits[_i].max, &s, &err), limits[_i].rc);
	if (limits[_i].rc) {
		ck_assert_int_eq(err.class, ERR_LIMIT);
		ck_assert_uint_eq(s.count, 0);
		ck_assert_ptr_nonnull(strstr(err.text, "shorten"));
	}
	if (limits[_i].rc && limits[_i].max >= SEGMENT_MAX)
		ck_assert_uint_eq(segment_count(text), SEGMENT_MAX + 1);
	buf_free(&buf);
}
END_TEST

/* Spare is exactly what still fits, at every length and in every mixture. */
START_TEST(spare_is_true)
{
	static const char *const piece[] = { "a", "€", "余", "😀" };
	struct buf buf = { 0 };
	struct segments s;
	unsigned seed = 1;

	for (unsigned i = 0; i < 500; i++) {
		seed = seed * 1103515245 + 12345;
		buf_z(&buf, piece[seed >> 16 & (_i ? 3 : 1)]);
		ck_assert_int_eq(segment_text(buf_get(&buf), SEGMENT_MAX, &s, NULL), 0);
		check_parts(buf_get(&buf), &s);
		ck_assert_uint_eq(segment_count(buf_get(&buf)), s.count);
		size_t len = buf.len;
		for (unsigned k = 0; k < s.spare; k++)
			buf_z(&buf, "a");
		ck_assert_uint_eq(segment_count(buf_get(&buf)), s.count);
		buf_z(&buf, "a");
		ck_assert_uint_gt(segment_count(buf_get(&buf)), s.count);
		buf.len = len;
	}
	buf_free(&buf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("segment");
	TCase *tc = tcase_create("segment");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, table, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, no_text_at_all);
	tcase_add_loop_test(tc, limit, 0, sizeof(limits) / sizeof(*limits));
	tcase_add_loop_test(tc, spare_is_true, 0, 2);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
