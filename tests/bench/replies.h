/* replies - answers for programs that make none of their own: real ones, a line each in a file, handed
 * out in turn, so that a null box writes just as much as smsd does.
 *
 *   1<TAB>您已开通彩铃…        1: smsd asked for a delivery report, 0: it did not
 * Read once at start; fails with ERR_INPUT, naming the file. */
#pragma once
#include "base/err.h"
#include "base/str.h"

struct replies;
struct reply_line {
	struct str text;		/* UTF-8 */
	struct str wire;		/* as `coding` wants it */
	int coding;			/* BOX_CODING_* */
	bool report;
};

MUST_CHECK struct replies *replies_read(const char *path, struct err *err);
struct replies *replies_one(const char *text);		/* always the same one, without a report */
void replies_free(struct replies **replies);

const struct reply_line *replies_next(struct replies *replies);
unsigned replies_count(const struct replies *replies);
