/* link - one TCP connection from an ESME: whole SMPP units in, batched octets out.
 * Runs in the loop's thread; whoever writes calls link_flush() once per turn of the loop. */
#pragma once
#include <uv.h>

#include "smpp.h"

struct link;
struct link_events {
	void (*pdu)(void *arg, const struct smpp_head *head, struct str body);
	/* The peer left or sent garbage; the link is freed after this returns. */
	void (*closed)(void *arg, const char *why);
};

/* Takes the connection that waits at the listener; NULL when there is none after all. */
struct link *link_accept(uv_stream_t *listener, const struct link_events *events);
void link_owner(struct link *link, void *arg);	/* the events' arg; set it before the loop turns */

struct buf *link_out(struct link *link);	/* append here what is to be sent */
void link_flush(struct link *link);
/* Tries to send what is pending and closes; no event follows.  Leaves NULL. */
void link_close(struct link **link);
