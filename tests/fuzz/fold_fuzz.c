/* Fuzzes text/fold (and segment, utf16, msisdn on the way): any bytes, mended as at the door. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/fold.h"
#include "text/msisdn.h"
#include "text/segment.h"
#include "text/utf16.h"

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "broken promise: %s\n", what);
		abort();
	}
}

static void check_folded(struct arena *arena, struct str folded)
{
	struct str digits = fold_digits(arena, folded), squeezed = fold_squeeze(arena, folded);

	must(fold_utf8_ok(folded), "folded text is UTF-8");
	must(str_eq(fold_text(arena, folded), folded), "folding twice changes nothing");
	must(!folded.len || (*folded.ptr != ' ' && folded.ptr[folded.len - 1] != ' '),
	     "no space at either end");
	must(!memmem(folded.ptr, folded.len, "  ", 2), "one space, not two");
	must(digits.len == folded.len, "digits have equal length");
	must(str_eq(fold_digits(arena, digits), digits), "digits twice change nothing");
	must(!memchr(squeezed.ptr, ' ', squeezed.len), "no space in what was squeezed");
}

static void check_redacted(struct arena *arena, struct str text)
{
	struct str redacted = fold_redact(arena, text);
	unsigned run = 0;

	must(fold_utf8_ok(redacted), "redacted text is UTF-8");
	for (size_t i = 0; i < redacted.len; i++) {
		run = redacted.ptr[i] >= '0' && redacted.ptr[i] <= '9' ? run + 1 : 0;
		must(run < 6, "no six digits in a redacted text");
	}
}

static void check_segments(struct str text)
{
	static struct segments s;
	size_t len = 0;
	int rc = segment_text(text, SEGMENT_MAX, &s, NULL);

	must((rc == 0) == (segment_count(text) <= SEGMENT_MAX), "limit and count agree");
	if (rc)
		return;
	must(segment_count(text) == s.count, "count and parts agree");
	for (unsigned i = 0; i < s.count; i++) {
		must(s.part[i].ptr == text.ptr + len, "parts follow each other");
		must(fold_utf8_ok(s.part[i]), "no character is cut");
		len += s.part[i].len;
	}
	must(len == text.len, "parts are the text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct str raw = str_n((const char *)data, size);
	struct msisdn number, again;
	struct err err;

	must(fold_init(&err) == 0, err.text);
	struct str text = fold_utf8_mend(arena, raw);
	must(fold_utf8_ok(text), "mended text is UTF-8");
	must(!fold_utf8_ok(raw) || str_eq(raw, text), "good text is not mended");
	check_folded(arena, fold_text(arena, text));
	check_redacted(arena, text);
	check_segments(text);
	must(str_eq(utf16_to_utf8(arena, utf16_from_utf8(arena, text)), text), "UTF-16 and back");
	utf16_to_utf8(arena, raw);
	if (!msisdn_parse(raw, &number, NULL))
		must(!msisdn_parse(str_z(number.text), &again, NULL) &&
		     str_eqz(str_z(number.text), again.text), "a number stays");
	/* what is not UTF-8 is against the contract, but must not be read past */
	fold_text(arena, raw);
	fold_redact(arena, raw);
	glyph_coding(raw);
	arena_free(&arena);
	return 0;
}
