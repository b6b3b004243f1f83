/* intents - what the authors of sample texts call things, and which commands of the
 * tables those are (tests/understand/intents.tsv).
 *
 * One line an intent: intent, commands (comma-separated: table.name, or table.name:outcome when
 * only that outcome will do), names of the arguments in the order of the texts' own
 * (comma-separated, - for none). */
#pragma once
#include "base/mem.h"
#include "table/match.h"

struct intents;

MUST_CHECK int intents_read(const char *file, struct intents **out_r, struct err *err);
void intents_free(struct intents **intents);

/* Fails with ERR_INPUT when the mapping names a command or argument that the tables lack. */
MUST_CHECK int intents_check(const struct intents *intents, const struct tables *tables,
			     struct err *err);

bool intents_has(const struct intents *intents, struct str intent);
/* Whether the intent's commands include that one with that outcome. */
bool intents_reached(const struct intents *intents, struct str intent,
		     const struct command *command, struct str outcome);
/* Whether the match took exactly the arguments that the text means ("CAILING", "13900139000,20",
 * "-"): 202609 is 2026-09-01, 20 is 20.00; no month is the one of now. */
bool intents_same_args(const struct intents *intents, struct str intent, const struct match *match,
		       struct str args, struct str now);
