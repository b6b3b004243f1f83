/* respond - what every box of the benchmarks does with a text: acknowledges it, and sends one message to its
 * sender, with an id that follows from the text's. */
#pragma once
#include "kannel/box.h"

/* Nothing leaves before box_flush(). */
void respond_ack(struct box *box, const struct box_sms *mo);

struct response {
	struct str text;		/* as `coding` wants it; never NULL */
	struct str udh;
	int coding;
	int dlr_mask;			/* 0: no delivery report */
	const char *boxc_id;
};
/* Of mo: id, sender, receiver and smsc_id are used. */
void respond_send(struct box *box, const struct box_sms *mo, const struct response *response);
