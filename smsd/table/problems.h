/* problems - what is wrong in the sources, for people. */
#pragma once
#include <stdio.h>

#include "table/tables.h"

/* One a line: `services.yaml:14:5: error: what (remedy)`. */
void problems_print(FILE *out, const struct problems *problems);
