/* held - answers to submit_sm that simulated latency holds back, in their order.
 * Only for center.c. */
#pragma once
#include <stdint.h>

#include "receipt.h"

struct held {
	struct held *next;
	uint64_t due;			/* loop time in ms */
	uint32_t session, seq, status;
	char id[RECEIPT_ID + 1];
};

struct held_list {
	struct held *first, **last;
};

void held_init(struct held_list *list);
void held_push(struct held_list *list, const struct held *held);	/* copies it */
/* The first one, to be freed, when it is due; else NULL. */
struct held *held_pop(struct held_list *list, uint64_t now);
