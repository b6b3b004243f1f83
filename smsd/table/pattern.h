/* pattern - PCRE2 as the tables use it: UTF, Unicode classes, caseless, the whole
 * text, JIT compiled, and never more than a fixed amount of work. */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { PATTERN_GROUPS_MAX = 32, PATTERN_WORK_MAX = 10000 };

/* A pcre2_code.  NULL when PCRE2 refuses it, or when matching can take work without end: err
 * says why, *offset_r where in the source. */
void *pattern_new(struct str source, struct err *err, size_t *offset_r);
void pattern_free(void *code);

/* Whether the whole subject (UTF-8) matches within the work allowed.  groups may be NULL; else
 * it is filled by group number (0: all), ptr NULL for what took no part. */
bool pattern_match(const void *code, struct arena *arena, struct str subject,
		   struct str groups[PATTERN_GROUPS_MAX]);

/* Walks the named groups: name i with its number; false past the last. */
bool pattern_name(const void *code, unsigned i, struct str *name_r, unsigned *group_r);

/* The bytes that a matching text may begin with. */
void pattern_first_bytes(struct str source, bool first[256]);

/* Whether trials, or the way quantifiers nest, show that matching explodes; fills err.
 * pattern_new() asks it. */
int pattern_trial(struct str source, struct err *err, size_t *offset_r);
