/* remind - what a row of a reminder's SQL becomes: to whom, in which language, which text, until when, and whether he is
 * of the control group.  Knows no database; the daemon and `smsctl remind try` share it. */
#pragma once
#include "flow/dialogue.h"
#include "table/tables.h"

struct remind_row {
	const struct command *command;	/* the reminder's */
	unsigned step;			/* from 1 */
	const struct str *cell;		/* by column; ptr NULL: SQL's NULL */
	struct str now;			/* {{now}} */
};

struct str remind_cell(const struct remind_row *row, const char *column);	/* ptr NULL: NULL, or no such column */
enum lang remind_lang(const struct remind_row *row);
/* line: how to be sent no more of its class, which the text is made to hold; empty: none. */
struct str remind_text(const struct remind_row *row, struct str line, struct arena *arena);
struct str remind_scope(const struct remind_row *row, struct arena *arena);	/* what once_per does not let repeat */
struct str remind_target(const struct remind_row *row);				/* the e-channel; ptr NULL: none */
struct str remind_opens(const struct remind_row *row, struct arena *arena);	/* encoded slots of the question */

/* Whether the subscriber is of the share that is never sent this reminder: the same for ever. */
bool remind_control(const struct command *command, struct str msisdn);

/* When a message whose cause came then makes no sense any more; 0: its class says. */
int64_t remind_until_us(const struct reminder *reminder, int64_t at_us);

/* The moments of a schedule around now: the last one and the next, 0: never. */
void remind_moments(const struct reminder *reminder, int64_t now_us, int64_t *last_us_r, int64_t *next_us_r);

/* A parameter of its SQL, in the arena; NULL: SQL's NULL. */
struct remind_param {
	const char *trigger, *now;
	unsigned step;
};
const char *remind_param(const struct remind_param *in, enum param source, struct arena *arena);
