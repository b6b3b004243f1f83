/* difference - what two sets of command tables define differently: commands, tips,
 * answers and the keys around them, not lines. */
#pragma once
#include "table/tables.h"

/* change: added | removed | changed; part: "command service_on", "tip app_bill", "ports", or "" for
 * a whole file. */
typedef void difference_fn(void *arg, const char *change, const char *file, const char *part);

/* Calls fn for each difference, in the order of the files; returns how many there were.  A file
 * that is no YAML is compared as a whole. */
unsigned difference_find(const struct source *old, unsigned nold, const struct source *new,
			 unsigned nnew, difference_fn *fn, void *arg);
