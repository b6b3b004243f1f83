/* batch - what the files of a batch share: batch.c steps it, batch_look.c and batch_run.c make its
 * first two phases, batch_rows.c the last. */
#pragma once
#include "flow/hall.h"

/* What a result is for; a position in the batch is its command's. */
enum batch_tag {
	TAG_PLAIN = -1, TAG_SENDERS = -2, TAG_TIPS = -3, TAG_MT_OF = -4, TAG_STATE = -5, TAG_UNSENT = -6,
	TAG_REPEATS = -7,
	TAG_PARTS = 1 << 16,		/* and the position */
};

/* batch.c: queue a statement whose result belongs to the lane's batch. */
void batch_query(struct lane *lane, enum query q, const struct db_params *params, int tag);
void batch_statement(struct lane *lane, const char *name, const char *sql, const struct db_params *params, int tag);

/* Ends a phase: the results so far come now.  A Sync and not a mere flush request, for only after a Sync does
 * PostgreSQL count us as idle in transaction: a smsd that was stopped lets its locks go in time. */
void batch_wait(struct lane *lane);

/* batch_look.c */
void look_start(struct lane *lane);			/* enters LANE_LOOKING */
void look_take(struct lane *lane, int tag, const PGresult *res);
void look_keys(struct lane *lane, bool only_seen);	/* arrays 0, 1, 2: who, when, which */

/* batch_run.c */
void run_start(struct lane *lane);			/* enters LANE_RUNNING */
/* Renders all answers; one that cannot be made is its text's failure (lane->failed_text), and false. */
bool run_answer(struct lane *lane);
