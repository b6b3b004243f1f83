/* message - texts as people see them, cut into short messages and joined from them
 * (3GPP TS 23.038, 23.040 9.2.3.24.1).  No I/O. */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "smpp.h"

enum message_coding { MESSAGE_GSM7, MESSAGE_UCS2, MESSAGE_LATIN1, MESSAGE_OCTETS };
const char *message_coding_name(enum message_coding coding);

struct message_part {
	uint8_t esm_class, coding;
	struct str payload;		/* with its UDH */
};

/* Parts as a handset would send them, GSM-7 where the text allows it; an empty text is one empty
 * part.  Everything lives in the arena.  Fails with ERR_INPUT when it is not UTF-8, ERR_LIMIT
 * above 255 parts. */
MUST_CHECK int message_cut(struct arena *arena, struct str text, uint8_t ref,
			   struct message_part **parts_r, unsigned *count_r, struct err *err);

/* Which part of how many a payload is, from its UDH (8- and 16-bit references). */
struct message_place {
	unsigned ref, total, n;		/* a message that stands alone is 1 of 1 */
	unsigned udh;			/* octets the header takes */
};
struct message_place message_place(const struct smpp_sm *sm);

struct message {
	char to[SMPP_ADDR_MAX + 2], from[SMPP_ADDR_MAX + 2];
	unsigned segments;
	enum message_coding coding;
	struct str text;		/* UTF-8; of MESSAGE_OCTETS the octets in hex */
};

/* Parts that wait for the others of their message. */
struct message_joiner;
struct message_joiner *message_joiner_new(void);
void message_joiner_free(struct message_joiner **joiner);
void message_joiner_clear(struct message_joiner *joiner);
size_t message_joiner_waiting(const struct message_joiner *joiner);	/* incomplete messages */

/* Whether sm completes a message, which then is in out_r with its text in the arena. */
bool message_join(struct message_joiner *joiner, struct arena *arena, const struct smpp_sm *sm,
		  struct message *out_r);
