/* batch - what the files of a batch share: batch.c steps it, batch_look.c and batch_run.c make its
 * first two phases, batch_rows.c the last. */
#pragma once
#include "flow/hall.h"

/* What a result is for; a position in the batch is its command's. */
enum batch_tag {
	TAG_PLAIN = -1, TAG_SENDERS = -2, TAG_MT_OF = -4, TAG_STATE = -5, TAG_UNSENT = -6,
	TAG_REPEATS = -7, TAG_DIALOGUES = -8, TAG_RECENT = -9, TAG_DUE = -12, TAG_TAKEN = -10, TAG_TAKEN_COMMIT = -11,
	TAG_SEEN = -13, TAG_TIP_ROOM = -14,
	TAG_DRAWN = -15, TAG_TEXTS = -16, TAG_BLAST_DUE = -17,
	TAG_PARTS = 1 << 16,		/* and the position */
	TAG_CHECKS = 1 << 17,		/* and the position: what is asked about a text, no command of its own */
	TAG_MANY = 1 << 18,		/* and the first in lane->order: a command of several texts */
};

/* batch.c: queue a statement whose result belongs to the lane's batch. */
void batch_query(struct lane *lane, enum query q, const struct db_params *params, int tag);
void batch_statement(struct lane *lane, const char *name, const char *sql, const struct db_params *params, int tag);

/* Ends a phase: the results so far come now.  A Sync and not a mere flush request, for only after a Sync does
 * PostgreSQL count us as idle in transaction: a smsd that was stopped lets its locks go in time. */
void batch_wait(struct lane *lane);
void batch_failed(struct lane *lane, const char *why);	/* what was found out in between: roll back, and try again later */

/* batch_look.c */
void look_start(struct lane *lane);			/* enters LANE_LOOKING */
void look_take(struct lane *lane, int tag, const PGresult *res);
void look_keys_seen(struct lane *lane);			/* arrays 0, 1, 2: who, when, which; of those handled before */

/* batch_run.c */
void run_start(struct lane *lane);			/* enters LANE_RUNNING */
enum run_next {
	RUN_WAIT,	/* another round is on its way */
	RUN_DONE,	/* all answers are made */
	RUN_FAILED,	/* one could not be: lane->failed_text */
};
void run_recent(struct lane *lane, const PGresult *res);
bool run_many(struct lane *lane, unsigned first, const PGresult *res);
enum run_next run_on(struct lane *lane);	/* when all results of a round are there */

/* batch_tips.c */
void tips_ask(struct lane *lane);			/* of those whose answers of this round may carry one */
void tips_take(struct lane *lane, const PGresult *res);

/* batch_talk.c: dialogues of a batch, from and to their rows */
void talk_take_dialogues(struct lane *lane, const PGresult *res);
void talk_send_rows(struct lane *lane);
