/* number_set - which subscriber numbers were seen, and on which line first: 16 octets a slot, so that
 * millions of them fit.  Pure. */
#pragma once
#include "text/msisdn.h"

struct number_set;
struct number_set *number_set_new(void);
void number_set_free(struct number_set **set);

/* Puts a number seen on a line (from 1).  The line it was seen on before; 0: it is new. */
unsigned number_set_put(struct number_set *set, const struct msisdn *msisdn, unsigned line);
