/* center - a message centre: takes binds from ESMEs, hands mobile-originated messages to them and
 * takes theirs.  As real ones do, it keeps a message until an ESME has accepted it: a temporary
 * error, a lost link or a silent peer means that it is delivered again.
 * Runs in the loop's thread; used by smsc.c (with a control port) and by the benchmark's load.c. */
#pragma once
#include <uv.h>

#include "smpp.h"

struct center_conf {
	int port;			/* on 127.0.0.1; 0: any free one */
	unsigned window;		/* unanswered deliver_sm a bind */
	unsigned retry_ms;		/* after a temporary error */
	unsigned answer_s;		/* a deliver_sm unanswered for so long is sent again */
	unsigned enquire_s;		/* between our enquire_link */
	unsigned receipt_ms;		/* from a submit_sm's answer to its delivery receipt */
	const char *system_id, *password;	/* whom to let in; NULL: everybody */
};

enum { CENTER_EXPIRED = 1000 };		/* the network's errors have three digits */
enum center_receipts { CENTER_RECEIPTS_ON, CENTER_RECEIPTS_OFF, CENTER_RECEIPTS_FAIL };

/* Simulated trouble; all zero is a healthy centre. */
struct center_trouble {
	enum center_receipts receipts;
	unsigned delay_ms;		/* before a submit_sm is answered */
	unsigned reject;		/* every nth submit_sm is refused; 0: none */
	unsigned reject_status;		/* with this; 0: as throttled */
	unsigned error;			/* what receipts of failures say; CENTER_EXPIRED: not reached in time */
};

struct center_stats {
	uint64_t deliver_sent;		/* deliver_sm of all kinds */
	uint64_t deliver_retries;	/* of these, sent again */
	uint64_t submits;		/* submit_sm accepted */
	uint64_t rejected;		/* submit_sm throttled or malformed */
	uint64_t dlr_sent;		/* receipts accepted by the ESME */
	unsigned binds, receivers;	/* now */
	size_t waiting;			/* messages and receipts that nobody has accepted yet */
};

enum { CENTER_DROPPED = 0xffffffff };	/* the status of what center_reset() threw away */

struct center_events {
	/* A submit_sm that was accepted; borrowed until it returns. */
	void (*submit)(void *arg, const struct smpp_sm *sm);
	/* An ESME's answer to a message.  final: it will not be delivered again. */
	void (*answer)(void *arg, void *owner, uint32_t status, bool final);
	/* A bind came or went; may be NULL. */
	void (*binds)(void *arg);
};

struct center;
/* Listens.  Fails with ERR_PERM when the port cannot be had. */
MUST_CHECK struct center *center_new(uv_loop_t *loop, const struct center_conf *conf,
				     const struct center_events *events, void *arg,
				     struct err *err);
/* Closes every link; the loop must run on until its handles are gone. */
void center_free(struct center **center);

int center_port(const struct center *center);
const struct center_stats *center_stats(const struct center *center);
struct center_trouble *center_trouble(struct center *center);

/* Queues a deliver_sm; its payload must fit a short_message.  owner NULL: no answer is told. */
void center_deliver(struct center *center, const struct smpp_sm *sm, void *owner);

/* Cuts all links off; they may come back at once. */
void center_drop(struct center *center);
/* The same, and refuses connections until center_up(). */
void center_down(struct center *center);
MUST_CHECK int center_up(struct center *center, struct err *err);
/* Throws away what waits (owners are told CENTER_DROPPED), ends the trouble, zeroes the counts. */
void center_reset(struct center *center);
