/* filter - what stands behind the bar in {{name|filter:argument}}; template.h
 * describes each for authors.  Used by template.  Pure. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

struct filter_kind;

struct filter {
	const struct filter_kind *kind;
	struct str argument;	/* NULL when none was given */
};

/* NULL when there is none of that name. */
const struct filter_kind *filter_find(struct str name);

/* The names one by one, for "did you mean"; NULL behind the last. */
const char *filter_name(unsigned i);

/* What is wrong with the argument, as an end to "filter x …"; NULL when nothing is. */
const char *filter_wrong(const struct filter *filter);

/* Appends the value as the filter shows it.  A NULL or empty value shows nothing, save for
 * `or`; one that the filter cannot read is shown as it is.  value must not lie in out. */
void filter_apply(const struct filter *filter, struct str value, const char *lang,
		  struct buf *out);
