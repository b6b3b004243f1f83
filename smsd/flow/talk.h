/* talk - what a text means, given the questions that are open, and what is to be done next.  Knows no database:
 * talk_hear() says the first thing to ask of it (act), the others take its answer and say the next, until the act is
 * TALK_DONE.  The daemon and `smsctl try` share it.
 *
 *   text ─▶ answers an open question?  else a command?  else near one?
 *        ─▶ missing arguments (steps) ─▶ password or code (needs) ─▶ question (confirm) ─▶ the command's SQL */
#pragma once
#include "base/seal.h"
#include "flow/dialogue.h"
#include "flow/reply.h"
#include "table/nearest.h"

enum talk_act {
	TALK_DONE,	/* reply is the answer, or there is none (silent) */
	TALK_COUNT,	/* how many texts of the sender had match.command within rate_s: talk_counted() */
	TALK_SECRET,	/* the sender's password hash and wrong tries: talk_secret() */
	TALK_PROVE,	/* whether `secret` is of `hash`, and hash_new made of new_secret: talk_hear() anew, with them */
	TALK_RECENT,	/* the sender's last texts: talk_recent() */
	TALK_QUOTE,	/* the SQL of the question: talk_result() */
	TALK_RUN,	/* the command's SQL: talk_result() */
};

/* What was worked out about a secret, outside the batch: it takes long on purpose. */
struct proof {
	char hash[128];		/* which the secret was held against; empty: none */
	bool right;
	char hash_new[128];	/* of a new password; empty: none made */
};

/* Fills right and hash_new; takes some 50 ms for each.  Empty secrets are not looked at. */
void proof_make(struct proof *proof, struct str secret, struct str new_secret);

struct talk_input {
	const struct tables *tables;
	const struct match_context *context;
	struct arena *arena;
	const struct nearest_words *words;	/* may be NULL */
	const struct seal *seal;	/* for codes */
	struct str whole, folded, msisdn, port;
	struct str now_text;		/* as bound to :now */
	const struct uuid *id;
	int64_t at_us, now_us;
	enum lang lang;
	unsigned ndialogues;		/* open ones and late ones, the newest first */
	const struct dialogue *dialogue;
	const struct proof *proof;	/* NULL: none yet */
	bool listed;			/* on the list `test`: no limits */
	bool trial;			/* nothing is real: passwords and codes are taken as right */
	const struct tip_count *tip_counts;
	unsigned ntip_counts;
	bool tip_room;			/* with talk_result(): the sender may be shown a tip */
};

/* The question that an answer opens. */
struct question {
	enum dialogue_kind kind;
	const struct command *command;	/* NULL with offer and which */
	int64_t until_us;
	unsigned tries;
	struct slots slots;
	struct str text;		/* what is asked again; ptr NULL: the reply */
	struct str price_version;	/* with confirm */
};

struct talk {
	enum talk_act act;
	const struct tables *tables;	/* whose texts answer */
	struct match match;		/* the command and its arguments */
	struct str order;		/* hash of the text that ordered, in hex, over all questions that followed; ptr NULL */
	struct slots quoted;		/* with an accepted confirmation: q. */
	struct str secret, new_secret, hash;	/* with TALK_PROVE */
	const struct dialogue *answers;	/* the question that this text answers */
	const char *result;		/* of answers, when it is a confirmation (hall.evidence) */
	unsigned ncloses;		/* whose rows go */
	const struct dialogue *closes[8];
	struct question *opens;
	int wrong;			/* 1: one more wrong secret, until lock_until; -1: forget them */
	unsigned wrong_times;
	int64_t lock_until_us;
	struct str code;		/* that the reply holds; ptr NULL */
	bool stray_yes;			/* a yes that no question waits for */
	bool command_said;		/* reply is a command's own, by its SQL */
	bool silent;
	struct reply reply;
	/* Inside: */
	int stage;
	const struct dialogue *again;	/* with TALK_RECENT: its question is to be put again */
};

void talk_hear(const struct talk_input *in, struct talk *out_r);
void talk_counted(const struct talk_input *in, struct talk *talk, unsigned n, int64_t oldest_us);
void talk_secret(const struct talk_input *in, struct talk *talk, struct str hash, unsigned times, int64_t until_us);
void talk_recent(const struct talk_input *in, struct talk *talk, unsigned same, unsigned streak);
/* Fails as reply_make() does. */
MUST_CHECK int talk_result(const struct talk_input *in, struct talk *talk, const PGresult *result, struct err *err);

/* With TALK_RUN: whether a tip may ride in the answer, so that tip_room must be known. */
bool talk_may_tip(const struct talk_input *in, const struct talk *talk);

/* The command whose SQL is to run now, with TALK_QUOTE and TALK_RUN. */
const struct command *talk_command(const struct talk *talk);
