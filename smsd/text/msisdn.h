/* msisdn - subscriber numbers in the hall's one form: 11 digits at home
 * (1[3-9] and nine more), `+` and E.164 abroad.  Pure. */
#pragma once
#include "base/err.h"
#include "base/str.h"

enum { MSISDN_MAX = 16 };	/* '+', 15 digits */

struct msisdn {
	char text[MSISDN_MAX + 1];
	bool home;		/* of this country */
};

/* Accepts +86, 0086, 86, a leading 0, spaces, dashes, dots, brackets between digits.
 * `+` and 11 digits of ours without their 86 (SMPP's TON 1) are taken as a home number too.
 * Fails with ERR_INPUT when it is neither a home mobile nor a `+` number of 7 to 15 digits
 * (short codes, alphanumeric senders): such a sender is never answered. */
MUST_CHECK int msisdn_parse(struct str text, struct msisdn *out_r, struct err *err);

/* Home numbers 138****1234; others keep the first four and last two. */
void msisdn_mask(struct str msisdn, char out[MSISDN_MAX + 1]);
