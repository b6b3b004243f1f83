/* handset - the control port of the message centre: simulated handsets (LISTEN, SEND, RAW) and
 * simulated trouble (DLR, DELAY, DUP, REJECT, DOWN, UP, DROP), in lines of text.  README.md has
 * every command. */
#pragma once
#include <uv.h>

#include "base/err.h"
#include "center.h"

struct handset;
/* Listens on 127.0.0.1:port (0: any free one).  Fails with ERR_PERM when the port cannot be had. */
MUST_CHECK struct handset *handset_new(uv_loop_t *loop, int port, struct err *err);
void handset_free(struct handset **handset);
int handset_port(const struct handset *handset);

/* The centre that it drives; must outlive it. */
void handset_center(struct handset *handset, struct center *center);

/* The centre's events; their arg is the handset. */
extern const struct center_events handset_events;
