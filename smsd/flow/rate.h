/* rate - how fast messages leave that no customer asked for: a bucket of tokens for all that this smsd sends
 * (limits.unasked), and one for each link that has a limit (hall.link_rate), of which this smsd has a share by lease.
 * A token is a segment.  Without a lease that is still good nothing leaves. */
#pragma once
#include "db/array.h"

struct rate;
struct rate *rate_new(uv_loop_t *loop, unsigned all);	/* segments a second */
void rate_free(struct rate **rate);

/* Rows of link_lease.sql: link, share, burst; good until then, in the loop's time. */
void rate_lease(struct rate *rate, const PGresult *res, uint64_t until_ms);

/* How many messages of one segment may leave now, by whatever link; 0: none. */
unsigned rate_allowed(struct rate *rate);

/* The links that have a limit (`*`: those not named), and how many may leave by each now, at most 32,767: for
 * hall.door_take().  The arrays are begun here. */
void rate_links(struct rate *rate, struct array *links, struct array *tokens);

/* A message has left; link NULL: by any.  What was too much is saved up for by the next. */
void rate_spend(struct rate *rate, struct str link, unsigned segments);
