/* dialogue - an open question: who asked what, what is known so far, until when an answer counts.
 * What is known are named values (slots), sealed in the database for they may be secret. */
#pragma once
#include <stdint.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "table/match.h"

enum dialogue_kind {
	DIALOGUE_CONFIRM, DIALOGUE_MENU, DIALOGUE_STEP, DIALOGUE_PASSWORD, DIALOGUE_OTP, DIALOGUE_OPENS, DIALOGUE_OFFER,
	DIALOGUE_WHICH,
	DIALOGUE_KINDS
};

/* Names begin with what they are: a. argument, q. quoted column, m. outer menu, t. text and w. what it is of an
 * offer, d. dialogue to choose from, h the code's hash, v what is to be done with the chosen. */
struct slot {
	struct str name, value;
};

struct slots {
	unsigned n;
	struct slot *slot;
};

struct dialogue {
	int64_t at_us;			/* key of the text that led to it */
	struct uuid id;
	enum dialogue_kind kind;
	struct str port;
	int64_t until_us;
	struct str command_id, function;
	int version;
	struct str question;
	unsigned tries;
	struct slots slots;
	/* As far as the tables that asked, or the same command now, are at hand: */
	const struct tables *tables;
	const struct command *command;
};

const char *dialogue_kind_name(enum dialogue_kind kind);
int dialogue_kind_parse(struct str name);	/* -1 */

struct str slots_get(const struct slots *slots, const char *prefix, const char *name);	/* ptr NULL: none */
void slots_put(struct slots *slots, struct arena *arena, const char *prefix, const char *name, struct str value);
struct str slots_number(const struct slots *slots, const char *prefix, unsigned n);
void slots_put_number(struct slots *slots, struct arena *arena, const char *prefix, unsigned n, struct str value);

/* As one run of bytes, and back; what is no such run gives no slots. */
struct str slots_encode(const struct slots *slots, struct arena *arena);
struct slots slots_decode(struct arena *arena, struct str bytes);

/* The arguments of a match as slots, and back by name. */
void slots_put_args(struct slots *slots, struct arena *arena, const struct match *match);
void slots_get_args(const struct slots *slots, struct match *match);

/* Finds the command in these tables: those that asked, or any that have the same one; for a confirmation the same
 * function too.  False when it is gone. */
bool dialogue_bind(struct dialogue *dialogue, const struct tables *tables);
