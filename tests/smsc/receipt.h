/* receipt - message ids, and delivery receipts as SMSCs write them (SMPP 3.4, appendix B).
 * Pure. */
#pragma once
#include <time.h>

#include "smpp.h"

enum { RECEIPT_ID = 16 };

struct receipt {
	struct smpp_sm sm;		/* points into this struct and the message it is about */
	char id[RECEIPT_ID + 1];
	char text[SMPP_SHORT_MAX + 1];
};

void receipt_id(uint64_t number, char out[RECEIPT_ID + 1]);

/* What became of `sm`, which had been given `id`: one of SMPP_STATE_*, and what the network's error was. */
void receipt_make(struct receipt *out, const struct smpp_sm *sm, const char *id, uint8_t state, unsigned error,
		  time_t now);
