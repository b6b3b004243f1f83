/* blast - one message to many (hall.blast), drained step by step in the door's lane (blast.c), and what each of its
 * recipients is told (blast_text.c).
 *
 * A step is one transaction: recipients are taken, written to as hall.mt, committed; then what may go is sent.  So a crash
 * leaves nobody out, and nobody gets it twice but for what one step had under way. */
#pragma once
#include "flow/batch.h"

/* blast_text.c: the texts of a blast, compiled. */
struct blast_texts;

/* From rows of blast_texts.sql.  NULL, and why, when one does not compile or a language is missing. */
struct blast_texts *blast_texts_new(struct str id, struct str hash, const PGresult *rows, char *why, size_t size);
void blast_texts_free(struct blast_texts **texts);
bool blast_texts_are(const struct blast_texts *texts, struct str id, struct str hash);

struct uuid blast_texts_uuid(const struct blast_texts *texts);
struct str blast_texts_port(const struct blast_texts *texts);	/* ptr NULL: none of its own */

/* What a recipient reads, the class's opt-out line in it.  data: the values of its columns, joined by U+001F.  The text lives
 * in the arena; fails with ERR_PERM when there is no such variant. */
MUST_CHECK int blast_texts_write(const struct blast_texts *texts, struct str variant, enum lang lang, struct str data,
				 struct arena *arena, struct str *text_r, struct err *err);

/* blast.c: in the door's lane. */
struct blast *blast_new(struct lane *lane);
void blast_free(struct blast **blast);
void blast_draw(struct blast *blast, unsigned n);	/* takes up to n recipients; enters LANE_DRAWING */
void blast_drawn(struct blast *blast);			/* all answers of LANE_DRAWING are there */
bool blast_result(struct blast *blast, int tag, PGresult *res);	/* as a db_result_fn */
unsigned blast_committed(struct blast *blast);		/* sends; how many */
unsigned blast_taken(const struct blast *blast);	/* of the step under way: how many recipients */
void blast_undone(struct blast *blast);
