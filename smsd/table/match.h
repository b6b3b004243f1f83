/* match - which command a folded text asks for, with its arguments.
 *
 * Wordings (`say`) are literals and {arg}s; [ ] is optional, ( | ) alternatives.  Case, width, spaces,
 * punctuation are forgiven by folding: between any two characters of a literal the text may have a space, and a
 * space in a wording is optional, but two neighbouring {arg}s need a separator in the text.  {arg!} takes only what
 * the vocabulary knows.  What wins: exact before longest fixed part before `match`; a province's before the
 * group's.  A text that does not match as it is is tried without courtesies at its ends (answers.yaml: courtesy),
 * then with its digits repaired (fold_digits()). */
#pragma once
#include "table/tables.h"
#include "table/vocabulary.h"

enum match_kind {
	MATCH_NONE,		/* no command */
	MATCH_USAGE,		/* the fixed part of a command that has a usage text, its arguments missing or malformed */
	MATCH_COMMAND,
	MATCH_REFUSED,		/* a command that is for others, or for another time (refusal) */
};

enum refusal { REFUSAL_WHO, REFUSAL_WHEN };

struct match_context {
	const struct vocabulary *vocabulary;
	struct str port, link, province, brand;
	unsigned nlists;
	const struct str *list;		/* number lists that the sender is on */
	bool anybody, anytime;		/* do not look who asks, or when: for checks */
	time_t now;			/* months without a year are counted back from here (Asia/Shanghai) */
	bool asks;			/* match_asks() of the raw text: a question is no order */
};

struct match {
	enum match_kind kind;
	const struct command *command;	/* NULL with MATCH_NONE */
	struct str arg[ARGS_MAX];	/* normal form, by position in command->arg; ptr NULL: not given */
	struct str redacted;		/* the folded text with secrets hidden: what may be stored and logged */
	bool secret;			/* something was hidden: the raw text must not be stored either */
	bool rest;			/* with MATCH_USAGE: more than the fixed part was said */
	enum refusal refusal;		/* with MATCH_REFUSED */
	const char *how;		/* exact | wording | pattern | usage, for people */
	const char *wording;		/* as written in the table */
};

/* Whether the raw text holds a question mark, which folding drops.  Such a text runs no command that
 * changes anything: "开通彩铃？" gets the command's usage text, or counts as unknown. */
bool match_asks(struct str raw);

/* Whether the folded text, with or without courtesies at its ends, is one of these phrases (folded, squeezed). */
bool match_phrase(const struct tables *tables, struct arena *arena, struct str folded, const struct str *phrase, unsigned n);

/* The text as that argument of the command: its normal form; false when it is no such value. */
bool match_value(const struct tables *tables, const struct match_context *context, struct arena *arena,
		 const struct command *command, unsigned arg, struct str folded, struct str *out_r);

/* Whether an audience (NULL: everybody) holds this customer now. */
bool match_audience(const struct match_context *context, const struct audience *audience, enum refusal *refusal_r);

/* Whether this customer may use the command now: for what no wording led to. */
bool match_allowed(const struct match_context *context, const struct command *command, enum refusal *refusal_r);

struct matcher;
/* Called by tables_parse(); reports wordings claimed twice on a port. */
struct matcher *matcher_new(struct tables *tables, struct problems *problems);

/* Results live in the arena. Bounded: PCRE2 with match limits, wordings without backtracking past ARGS_MAX. */
void match_text(const struct tables *tables, const struct match_context *context, struct arena *arena,
		struct str folded, struct match *out_r);
