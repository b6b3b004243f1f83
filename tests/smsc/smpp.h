/* smpp - protocol data units as octets (SMPP 3.4, the chapters named below).
 * Pure: no I/O.  Strings of an unpacked unit point into the octets given. */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { SMPP_HEAD = 16, SMPP_PDU_MAX = 65536 };
enum { SMPP_ADDR_MAX = 20, SMPP_SHORT_MAX = 254 };

enum smpp_command {		/* 5.1.2.1 */
	SMPP_NACK = 0x80000000,
	SMPP_BIND_RECEIVER = 1,
	SMPP_BIND_TRANSMITTER = 2,
	SMPP_SUBMIT = 4,
	SMPP_DELIVER = 5,
	SMPP_UNBIND = 6,
	SMPP_BIND_TRANSCEIVER = 9,
	SMPP_ENQUIRE_LINK = 0x15,
	SMPP_RESP = 0x80000000,	/* or-ed to a request */
};

enum smpp_status {		/* 5.1.3 */
	SMPP_OK = 0,
	SMPP_RINVCMDID = 3,
	SMPP_RINVBNDSTS = 4,
	SMPP_RALYBND = 5,
	SMPP_RSYSERR = 8,
	SMPP_RINVDSTADR = 0x0b,
	SMPP_RBINDFAIL = 0x0d,
	SMPP_RINVPASWD = 0x0e,
	SMPP_RTHROTTLED = 0x58,
	SMPP_RX_P_APPN = 0x65,	/* permanent: never again */
	SMPP_RX_R_APPN = 0x66,	/* refused: never again */
};

enum { SMPP_UDHI = 0x40, SMPP_RECEIPT = 0x04 };			/* esm_class, 5.2.12 */
enum { SMPP_TON_UNKNOWN, SMPP_TON_INTERNATIONAL, SMPP_TON_NATIONAL, SMPP_TON_ALNUM = 5 };
enum { SMPP_DC_GSM7 = 0, SMPP_DC_ASCII = 1, SMPP_DC_LATIN1 = 3, SMPP_DC_UCS2 = 8 };
enum { SMPP_STATE_DELIVERED = 2, SMPP_STATE_EXPIRED = 3, SMPP_STATE_UNDELIVERABLE = 5 };	/* 5.2.28 */

struct smpp_head {
	uint32_t command, status, seq;
};

struct smpp_addr {
	uint8_t ton, npi;
	struct str digits;	/* at most SMPP_ADDR_MAX */
};

/* submit_sm and deliver_sm (4.4.1, 4.6.1): what a centre cares about. */
struct smpp_sm {
	struct smpp_addr from, to;
	uint8_t esm_class, registered, coding;
	struct str payload;	/* of short_message, else of the TLV message_payload */
	struct str receipted;	/* TLV receipted_message_id; NULL: none */
	uint8_t state;		/* TLV message_state; 0: none */
};

struct smpp_bind {
	struct str system_id, password;
};

/* The next whole unit of what was received: the octets it takes, 0 when it is not all there yet,
 * -1 with ERR_PERM when its length is impossible. */
MUST_CHECK int smpp_frame(struct str bytes, struct smpp_head *head_r, struct str *body_r,
			  struct err *err);

MUST_CHECK int smpp_sm_unpack(struct str body, struct smpp_sm *out_r, struct err *err);
MUST_CHECK int smpp_bind_unpack(struct str body, struct smpp_bind *out_r, struct err *err);

/* Appends the 16 octets that begin every unit. */
void smpp_head_pack(struct buf *out, uint32_t command, uint32_t status, uint32_t seq,
		    size_t body_len);
/* Appends the body alone; the payload must fit a short_message. */
void smpp_sm_pack(struct buf *out, const struct smpp_sm *sm);
/* A whole unit whose body is one string with its NUL (bind and submit responses), or empty
 * (NULL). */
void smpp_resp_pack(struct buf *out, uint32_t command, uint32_t status, uint32_t seq,
		    const char *string);

/* TON and NPI from how a number is written: +… is international, letters alphanumeric,
 * the rest national (bearerbox hands those on unchanged). */
struct smpp_addr smpp_addr(struct str number);
/* And back: a + before an international one. */
void smpp_addr_text(const struct smpp_addr *addr, char out[SMPP_ADDR_MAX + 2]);
