/* wire_fuzz - whatever a peer sends: frames are found without reading past what was given,
 * and a message that was understood survives packing and unpacking unchanged, to the octet. */
#include <stdlib.h>

#include "kannel/wire.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool packable(const struct box_msg *msg)
{
	bool mt = msg->type == BOX_SMS && msg->sms.sms_type != BOX_MO &&
		  msg->sms.sms_type != BOX_REPORT_MO;

	return msg->type != BOX_WDP && !(mt && (!msg->sms.sender.ptr || !msg->sms.msgdata.ptr));
}

static void one(struct str frame, struct str body)
{
	struct box_msg msg;
	struct err err = { 0 };
	struct buf out = { 0 };

	if (wire_unpack(body, &msg, &err) < 0) {
		must(err.class == ERR_INPUT && err.text[0]);
		return;
	}
	if (!packable(&msg))
		return;
	wire_pack(&out, &msg);
	must(str_eq(buf_get(&out), frame));
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_n((const char *)data, size), body;
	struct err err = { 0 };
	int n;

	while ((n = wire_frame(rest, &body, &err)) > 0) {
		must((size_t)n <= rest.len && body.len == (size_t)n - 4);
		one(str_n(rest.ptr, (size_t)n), body);
		str_skip(&rest, (size_t)n);
	}
	must(n == 0 || err.class == ERR_PERM);
	/* frames are rare in noise: look at all of it as a body too */
	if (size >= 4 && size <= WIRE_FRAME_MAX) {
		struct buf frame = { 0 };
		uint32_t len = __builtin_bswap32((uint32_t)size);

		buf_add(&frame, &len, 4);
		buf_add(&frame, data, size);
		one(buf_get(&frame), str_n(frame.ptr + 4, size));
		buf_free(&frame);
	}
	return 0;
}
