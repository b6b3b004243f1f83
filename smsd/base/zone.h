/* zone - how far a place's clocks are ahead of UTC, from the system's time zone files (TZif, RFC 9636).
 * libc knows one zone for the whole process; here each is a value that any thread may ask. */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct zone;

/* By its name, "Asia/Shanghai".  Fails with ERR_INPUT when the system has no such zone. */
MUST_CHECK int zone_load(struct arena *arena, const char *name, const struct zone **zone_r, struct err *err);

/* Seconds to be added to UTC at that moment. */
int zone_offset(const struct zone *zone, int64_t at_s);
