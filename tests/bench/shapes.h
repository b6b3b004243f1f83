/* shapes - how texts are put into transactions: the designs that onetx compares on the same connections, tables
 * and commands. */
#pragma once
#include "runner.h"

/* one:    one transaction a text, statement by statement, each answer waited for; what most programs do
 * piped:  one transaction a text in two round trips, as well as that design can be driven
 * batch:  smsd's: one transaction for many texts, the hall's own rows as arrays, a command a text
 * NULL when there is none of that name. */
const struct shape *shapes_by_name(const char *name);
