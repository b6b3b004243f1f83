/* blast_write - what one recipient of a blast reads: the same before anything is sent (press) and as it is sent (blast_text). */
#pragma once
#include "table/tables.h"
#include "text/sheet.h"
#include "text/template.h"

struct blast_values {
	struct str value[SHEET_COLUMNS_MAX];	/* an empty value is none: ptr NULL */
};

/* data: the values of n columns, joined by U+001F, which none of them holds; borrowed. */
void blast_values_cut(struct blast_values *values, struct str data, unsigned n);

/* With the opt-out line of its class; in the arena. */
struct str blast_write(const struct template *template, enum lang lang, const struct blast_values *values, struct str opt_out,
		       struct arena *arena);
