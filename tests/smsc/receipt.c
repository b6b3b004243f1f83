/* receipt - see receipt.h. */
#include "receipt.h"

#include <ctype.h>
#include <stdio.h>

enum { QUOTED = 20 };	/* octets of the message that a receipt repeats */

void receipt_id(uint64_t number, char out[RECEIPT_ID + 1])
{
	for (int i = RECEIPT_ID; i--; number >>= 4)
		out[i] = "0123456789abcdef"[number & 15];
	out[RECEIPT_ID] = '\0';
}

/* The beginning of the text where it is readable as it stands; other codings are left out. */
static void quote(const struct smpp_sm *sm, char out[QUOTED + 1])
{
	size_t n = 0;

	if (sm->coding == SMPP_DC_GSM7 && !(sm->esm_class & SMPP_UDHI))
		while (n < sm->payload.len && n < QUOTED && isprint((uint8_t)sm->payload.ptr[n])) {
			out[n] = sm->payload.ptr[n];
			n++;
		}
	out[n] = '\0';
}

void receipt_make(struct receipt *out, const struct smpp_sm *sm, const char *id, uint8_t state, unsigned error,
		  time_t now)
{
	bool delivered = state == SMPP_STATE_DELIVERED;
	char begin[QUOTED + 1], date[16];
	struct tm tm;

	quote(sm, begin);
	strftime(date, sizeof(date), "%y%m%d%H%M", gmtime_r(&now, &tm));
	snprintf(out->id, sizeof(out->id), "%s", id);
	int n = snprintf(out->text, sizeof(out->text), "id:%s sub:001 dlvrd:%03d submit date:%s "
			 "done date:%s stat:%s err:%03d text:%s", id, delivered, date, date,
			 delivered ? "DELIVRD" : state == SMPP_STATE_EXPIRED ? "EXPIRED" : "UNDELIV", error, begin);
	out->sm = (struct smpp_sm){
		.from = sm->to,
		.to = sm->from,
		.esm_class = SMPP_RECEIPT,
		.payload = str_n(out->text, n),
		.receipted = str_n(out->id, RECEIPT_ID),
		.state = state,
	};
}
