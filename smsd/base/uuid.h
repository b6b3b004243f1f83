/* uuid - 16 octets and their 36 characters (RFC 9562). */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct uuid {
	uint8_t octet[16];
};

enum { UUID_TEXT = 36 };

/* Fails with ERR_INPUT unless it is 36 characters of hex and dashes. */
MUST_CHECK int uuid_parse(struct str text, struct uuid *out_r, struct err *err);
void uuid_format(const struct uuid *uuid, char out[UUID_TEXT + 1]);	/* lower case */

/* Version 7: begins with the milliseconds of the clock, so indexes grow at one end. */
struct uuid uuid_v7(void);

/* Version 8: always the same for the same parent and number, and no other. */
struct uuid uuid_derive(const struct uuid *parent, uint32_t number);

static inline struct str uuid_key(const struct uuid *uuid)
{
	return (struct str){ (const char *)uuid->octet, 16 };
}
