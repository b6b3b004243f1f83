/* template_names - which names a template's source uses, without compiling it: to
 * check its syntax where the names are not known yet.  Pure. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

/* The names of holes and sections, once each, in the order they stand; not `rows`, `last` and
 * `.n`.  A broken source yields what can be read of it.  The list lives in the arena. */
const char **template_names(struct arena *arena, struct str source, unsigned *n_r);

/* Whether a hole shows the column bare: no or: gives other words for an empty value, and it stands in no {{#section}} of its
 * own, which an empty value leaves out. */
bool template_shows_bare(struct str source, struct str name);
