/* wire_kannel - Kannel's own codec (libgw of kannel-dev) behind our types, for
 * wire_kannel_test to compare with.  In its own translation unit, because Kannel's headers
 * poison malloc and free and take names like sms, ack and admin. */
#pragma once
#include "kannel/wire.h"

void wire_kannel_begin(void);
void wire_kannel_end(void);

/* What bearerbox would write for the message; a wdp gets some content. */
void wire_kannel_pack(const struct box_msg *msg, struct buf *out);
/* What bearerbox would understand; strings go to the arena. -1 when it refuses. */
int wire_kannel_unpack(struct str frame, struct arena *arena, struct box_msg *msg_r);
