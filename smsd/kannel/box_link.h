/* box_link - one connection of a box: its socket, its buffers, TLS where asked for.
 * Moves octets and says when it can no more; what they mean, and what happens then, is
 * box's affair.  Called by box only. */
#pragma once
#include <netdb.h>
#include <sys/types.h>

#include "kannel/box.h"

enum { BOX_LINK_CHUNK = 65536 };	/* octets asked of one recv() */

struct box_tls;

struct box_link {
	void *owner;
	uv_poll_t poll;
	uv_poll_cb on_poll;
	int fd;
	int events;		/* polled for; set to 0 when libuv has stopped polling by itself */
	bool connecting;
	bool resting;		/* not woken by what arrives */
	struct box_tls *tls;	/* NULL when plain */
	struct buf cipher;	/* received, TLS */
	struct buf in;		/* received, frames: taken from here by the owner */
	struct buf plain;	/* to be enciphered */
	struct buf out;		/* to be sent, of which */
	size_t sent;		/* this was taken by the socket */
	bool ending, finished;	/* we want to shut our direction; did */
	struct err broken;	/* why nothing can be sent any more */
};

/* Starts connecting, and polls: on_poll is called with link->poll.data == link.
 * Fails with ERR_TEMP. */
MUST_CHECK int box_link_open(uv_loop_t *loop, const struct addrinfo *to, uv_poll_cb on_poll,
			     void *owner, struct box_link **link_r, struct err *err);
/* Closes at once; the memory stays till the loop's next turn. */
void box_link_drop(struct box_link **link);

/* When the poll of a connecting link has reported: ERR_TEMP when it could not connect. */
MUST_CHECK int box_link_connected(struct box_link *link, struct err *err);
/* Begins TLS. */
MUST_CHECK int box_link_secure(struct box_link *link, const struct box_conf *conf,
			       struct err *err);
/* Whether messages may pass: at once when plain, else after the handshake. */
bool box_link_secured(const struct box_link *link);

bool box_link_broken(const struct box_link *link);
size_t box_link_pending(const struct box_link *link);	/* octets not taken by the socket */
void box_link_pack(struct box_link *link, const struct box_msg *msg);
/* One send() of what is pending.  An error is told by the next box_link_read(). */
void box_link_push(struct box_link *link);
/* Polls for what is needed now. */
void box_link_watch(struct box_link *link);

/* One recv(), of which frames are appended to link->in.  The octets that came, 0 when
 * none are there, -1 with ERR_TEMP when none will come any more. */
MUST_CHECK ssize_t box_link_read(struct box_link *link, struct err *err);
/* The same, dropping them. */
MUST_CHECK ssize_t box_link_discard(struct box_link *link, struct err *err);

/* Sends what is pending, then shuts our direction; box_link_push() goes on with it. */
void box_link_end(struct box_link *link);
