/* pattern - see pattern.h.  Match data live in the caller's arena, so any thread may match. */
#include "table/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	OPTIONS = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C,
	WHOLE = PCRE2_ANCHORED | PCRE2_ENDANCHORED,
	HEAP_KIB_MAX = 512,
};

static pcre2_code *compile(struct str source, unsigned options, int *error_r, size_t *offset_r)
{
	return pcre2_compile((PCRE2_SPTR)source.ptr, source.len, OPTIONS | options, error_r,
			     offset_r, NULL);
}

void *pattern_new(struct str source, struct err *err, size_t *offset_r)
{
	pcre2_code *code;
	uint32_t groups;
	int error;

	*offset_r = 0;
	code = compile(source, WHOLE, &error, offset_r);
	if (!code) {
		char what[256];

		pcre2_get_error_message(error, (PCRE2_UCHAR *)what, sizeof(what));
		err_set(err, ERR_INPUT, "PCRE2 refuses the pattern: %s at offset %zu", what,
			*offset_r);
		return NULL;
	}
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups >= PATTERN_GROUPS_MAX) {
		err_set(err, ERR_INPUT, "the pattern has %u groups, at most %d are allowed"
			" (write (?:…) where nothing is captured)", groups, PATTERN_GROUPS_MAX - 1);
	} else if (pattern_trial(source, err, offset_r) == 0) {
		/* Where JIT is missing or refuses, the interpreter does the same, slower. */
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
		return code;
	}
	pcre2_code_free(code);
	return NULL;
}

void pattern_free(void *code)
{
	pcre2_code_free(code);
}

static void *take(size_t size, void *arena)
{
	return arena_alloc(arena, size);
}

static void drop(void *block, void *arena)	/* goes with the arena */
{
	(void)block;
	(void)arena;
}

static void fill_groups(pcre2_match_data *data, int n, struct str subject,
			struct str groups[PATTERN_GROUPS_MAX])
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);

	for (int i = 0; i < PATTERN_GROUPS_MAX; i++) {
		groups[i] = (struct str){ 0 };
		if (i < n && at[2 * i] != PCRE2_UNSET)
			groups[i] = str_n(subject.ptr + at[2 * i], at[2 * i + 1] - at[2 * i]);
	}
}

bool pattern_match(const void *code, struct arena *arena, struct str subject,
		   struct str groups[PATTERN_GROUPS_MAX])
{
	pcre2_general_context *general = pcre2_general_context_create(take, drop, arena);
	pcre2_match_context *limits = pcre2_match_context_create(general);
	pcre2_match_data *data = pcre2_match_data_create(groups ? PATTERN_GROUPS_MAX : 1, general);
	int n;

	pcre2_set_match_limit(limits, PATTERN_WORK_MAX);
	pcre2_set_depth_limit(limits, PATTERN_WORK_MAX);
	pcre2_set_heap_limit(limits, HEAP_KIB_MAX);
	n = pcre2_match(code, (PCRE2_SPTR)subject.ptr, subject.len, 0, PCRE2_NO_UTF_CHECK, data,
			limits);
	if (n == PCRE2_ERROR_JIT_STACKLIMIT)
		n = pcre2_match(code, (PCRE2_SPTR)subject.ptr, subject.len, 0,
				PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, limits);
	if (n < 0)
		return false;
	if (groups)
		fill_groups(data, n ? n : PATTERN_GROUPS_MAX, subject, groups);
	return true;
}

bool pattern_name(const void *code, unsigned i, struct str *name_r, unsigned *group_r)
{
	uint32_t count, size;
	PCRE2_SPTR table;

	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
	if (i >= count)
		return false;
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
	*group_r = (unsigned)table[i * size] << 8 | table[i * size + 1];
	*name_r = str_z((const char *)table + i * size + 2);
	return true;
}

/* PCRE2 tells this only of patterns that are not anchored. */
void pattern_first_bytes(struct str source, bool first[256])
{
	uint32_t type = 0, unit = 0, minimum = 0;
	const uint8_t *bitmap = NULL;
	size_t offset;
	int error;
	pcre2_code *loose = compile(source, 0, &error, &offset);

	memset(first, true, 256);
	if (!loose)
		return;
	pcre2_pattern_info(loose, PCRE2_INFO_FIRSTCODETYPE, &type);
	pcre2_pattern_info(loose, PCRE2_INFO_FIRSTCODEUNIT, &unit);
	pcre2_pattern_info(loose, PCRE2_INFO_FIRSTBITMAP, &bitmap);
	pcre2_pattern_info(loose, PCRE2_INFO_MINLENGTH, &minimum);
	for (unsigned c = 0; c < 256; c++)
		if (type == 1 && unit < 128)	/* caseless: a letter stands for both */
			first[c] = (c | 0x20) == (unit | 0x20);
		else if (type == 1)
			first[c] = c == unit;
		else if (bitmap)
			first[c] = bitmap[c / 8] >> (c % 8) & 1;
	pcre2_code_free(loose);
}
