/* box - one link to a bearerbox in smsbox's place: connects, identifies, keeps
 * alive, comes back with back-off, and carries messages both ways.
 * Everything runs in the loop's thread; reading stops while the owner rests, else never while the link is up. */
#pragma once
#include <uv.h>

#include "base/err.h"
#include "kannel/wire.h"

struct box_conf {
	const char *name;		/* for logs and metrics */
	const char *host;
	int port;
	const char *boxc_id;
	bool tls;
	const char *tls_ca;		/* PEM file that must have signed it; NULL: not verified */
	const char *tls_name;		/* the name in the peer's certificate; NULL: not compared */
	unsigned heartbeat_s;		/* 30 */
	unsigned backoff_min_ms, backoff_max_ms;	/* 200, 10000 */
};

enum box_event {
	BOX_EV_UP,		/* connected and identified; msg NULL */
	BOX_EV_DOWN,		/* lost, or box_close() is done; what was sent and not acknowledged
				 * is unknown; once for each UP, none after box_free(); msg NULL */
	BOX_EV_MSG,		/* msg is an sms or an ack; borrowed until the callback returns */
	BOX_EV_SUSPEND,		/* bearerbox asks that no MT be sent until it resumes */
	BOX_EV_RESUME,
	BOX_EV_SHUTDOWN,	/* it wants to end, and hangs until we close: send the
				 * acknowledgements, then box_close(box, true) */
};

struct box;
typedef void box_fn(void *arg, struct box *box, enum box_event event, const struct box_msg *msg);

/* Starts connecting at once; a link that cannot be made is tried for ever.  conf is
 * borrowed for the box's life.  fn is called from the loop only, never from inside
 * these functions; it may call any of them. */
struct box *box_new(uv_loop_t *loop, const struct box_conf *conf, box_fn *fn, void *arg);
/* Drops what is unsent: for an orderly end call box_close(box, false) and wait for
 * BOX_EV_DOWN.  The loop must turn once more to give the memory back. */
void box_free(struct box **box);

bool box_is_up(const struct box *box);
/* Appends to what goes out at the next box_flush(); false, and nothing done, when the
 * link is down. */
bool box_send(struct box *box, const struct box_msg *msg);
/* One write for all that was sent since; what the socket does not take now follows when it can. */
void box_flush(struct box *box);
size_t box_unsent(const struct box *box);	/* octets not yet taken by the socket */
/* For an owner who has no use for messages just now: they gather in the socket until box_read(), which he must soon call
 * (a heartbeat waits too), so that many cost one wake-up instead of each its own. */
void box_rest(struct box *box);
/* Reads what is there, and calls fn for it (at once: call this from the loop alone); on: wakes up for what follows. */
void box_read(struct box *box, bool on);
/* Sends what is pending, closes, and reconnects with back-off (reopen) or stays closed for
 * good.  From now on the link counts as down and no message is handed out; BOX_EV_DOWN
 * comes when the peer has closed too (at most 5 s later), if the link had been up. */
void box_close(struct box *box, bool reopen);
void box_set_load(struct box *box, unsigned in_flight);	/* told in heartbeats */
