/* wire - Kannel's box protocol as bytes: a u32 length, an i32 type, the fields.
 * Pure: no I/O.  Strings of an unpacked message point into the frame. */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { BOX_UNDEFINED = -1 };	/* an INT that was not set */
enum { WIRE_FRAME_MAX = 1 << 20 };	/* octets; longer is taken for garbage */

enum box_type { BOX_HEARTBEAT, BOX_ADMIN, BOX_SMS, BOX_ACK, BOX_WDP };
enum box_command {
	BOX_CMD_SHUTDOWN, BOX_CMD_SUSPEND, BOX_CMD_RESUME, BOX_CMD_IDENTIFY, BOX_CMD_RESTART,
	BOX_CMD_FEATURE
};
enum box_sms_type { BOX_MO, BOX_MT_REPLY, BOX_MT_PUSH, BOX_REPORT_MO, BOX_REPORT_MT };
enum box_nack { BOX_ACK_SUCCESS, BOX_ACK_FAILED, BOX_ACK_FAILED_TMP, BOX_ACK_BUFFERED };
enum box_coding { BOX_CODING_UTF8, BOX_CODING_OCTETS, BOX_CODING_UCS2 };
enum box_dlr {
	BOX_DLR_DELIVERED = 1, BOX_DLR_FAILED = 2, BOX_DLR_BUFFERED = 4, BOX_DLR_SMSC_OK = 8,
	BOX_DLR_SMSC_FAIL = 16
};

struct box_sms {
#define BOX_S(name) struct str name;
#define BOX_U(name) struct str name;
#define BOX_I(name) int32_t name;
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
};

struct box_msg {
	enum box_type type;
	union {
		struct { int32_t load; } heartbeat;
		struct { int32_t command; struct str boxc_id; } admin;
		struct box_sms sms;
		struct { int32_t nack; int32_t time; struct str id; } ack;
	};
};

/* All strings NULL, all INT undefined. */
void wire_sms_init(struct box_sms *sms);

/* Appends one frame, its length first.  Asserted: whatever is not an MO or a report_mo has
 * sender and msgdata (NULL there kills bearerbox), ids have 36 characters, and the type is
 * not wdp. */
void wire_pack(struct buf *out, const struct box_msg *msg);

/* The next whole frame of what was received: returns the octets of the frame to drop from
 * `bytes` after use (length field included), 0 when it is not all there yet, -1 with ERR_PERM
 * when the length is impossible.  body_r then is what wire_unpack() takes. */
MUST_CHECK int wire_frame(struct str bytes, struct str *body_r, struct err *err);

/* ERR_INPUT when fields are short, left over, of an unknown type, a length is below -1, or an
 * id has not 36 characters (which ones is not looked at).  A wdp is recognised and left empty. */
MUST_CHECK int wire_unpack(struct str body, struct box_msg *out_r, struct err *err);
