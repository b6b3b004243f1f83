/* box_tls - TLS (1.2 or later) from octets to octets, as a client.  Knows no socket:
 * box reads and writes that itself, because it must re-arm TCP_QUICKACK after every
 * recv().  Called by box only. */
#pragma once
#include "kannel/box.h"

struct box_tls;

/* Reads the CA anew each time, so that a renewed one is taken at the next connection.
 * Fails with ERR_PERM when it cannot be read.  conf is borrowed. */
MUST_CHECK int box_tls_new(const struct box_conf *conf, struct box_tls **tls_r, struct err *err);
void box_tls_free(struct box_tls **tls);

/* Takes what came from the peer (empty to begin), appends what it meant to `plain`.
 * 1: go on; 0: the peer has ended the session; -1 with ERR_PERM: it failed, or the
 * certificate is not the one expected.  Afterwards box_tls_collect(), whatever it was. */
MUST_CHECK int box_tls_feed(struct box_tls *tls, struct str cipher, struct buf *plain,
			    struct err *err);
/* Whether the handshake is over and the peer is who it should be. */
bool box_tls_ready(const struct box_tls *tls);

/* Appends `plain` enciphered to what is to be collected; only when ready. */
MUST_CHECK int box_tls_seal(struct box_tls *tls, struct str plain, struct err *err);
/* Ends our side of the session. */
void box_tls_end(struct box_tls *tls);
/* Moves what the peer is to get to the end of `out`. */
void box_tls_collect(struct box_tls *tls, struct buf *out);
