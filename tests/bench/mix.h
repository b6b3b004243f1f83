/* mix - what simulated customers write: texts with weights and holes, from a file.
 *
 *   # a comment
 *   @event QIUJI JKJZ        a list; {event} takes its members at random
 *   30<TAB>YE                weight, text
 *   8<TAB>KT X<TAB>Y         and what the same customer writes when he is answered
 *   5<TAB>CZ {voucher}       {voucher}: the next of the given vouchers, each once; {n}: the
 *                            text's number */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct mix;
/* A file, or "queries": built in, and changes nothing.  Fails with ERR_INPUT, naming the file. */
MUST_CHECK struct mix *mix_new(const char *source, uint64_t seed, struct err *err);
void mix_free(struct mix **mix);

/* 16 digits each. */
void mix_vouchers(struct mix *mix, uint64_t first, uint64_t count);

/* Appends the next text.  then_r (may be NULL): what its customer writes afterwards, parted by tabs; borrowed.
 * Fails with ERR_LIMIT when it needs a voucher and none is left. */
MUST_CHECK int mix_next(struct mix *mix, uint64_t n, struct buf *out, struct str *then_r, struct err *err);
struct str mix_then(struct str *then);	/* takes the first of them */
