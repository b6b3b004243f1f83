/* talk_private - what talk*.c share. */
#pragma once
#include "flow/talk.h"

enum stage { STAGE_START, STAGE_COUNTED, STAGE_PROVED, STAGE_CONFIRMED };
enum {
	RETRIES_MAX = 3,	/* answers that are none, before a question is given up */
	SECRET_TRIES = 3,	/* wrong secrets before a pause */
	SECRET_S = 300,		/* how long a password or a code is waited for */
	OFFER_S = 600,
	CONFIRMS_MAX = 5,	/* orders of one customer that wait for a Y */
	FOLD_MAX = 1000,	/* octets; longer is a story, not an order */
};

/* talk_say.c: the engine's own texts.  Each ends the talk. */
struct saying {
	const char *answer, *outcome;
	struct str value[ANSWER_VALUES];
	unsigned nrows;
	const struct str *what;
};
void say(const struct talk_input *in, struct talk *talk, const struct saying *saying);
void say_short(const struct talk_input *in, struct talk *talk, const char *answer);	/* the outcome has the answer's name */
void say_text(const struct talk_input *in, struct talk *talk, const char *outcome, struct str text);
void say_nothing(struct talk *talk, const char *outcome);
struct reply_input say_input(const struct talk_input *in, const struct talk *talk);

/* Opens a question of a command (NULL: of none), which takes the place of others of the same sort; kept values go with it. */
struct question *open_question(const struct talk_input *in, struct talk *talk, enum dialogue_kind kind,
			       const struct command *command, unsigned seconds);
void close_dialogue(struct talk *talk, const struct dialogue *dialogue);

/* Questions on the way to a charge keep what ordered it: a repeat of that text, later, is the same order. */
void keep_order(const struct talk_input *in, const struct talk *talk, struct question *q);

/* talk_go.c */
struct str keyed_hash(const struct talk_input *in, struct str text);	/* seal_hash() in hex */
/* On with talk->match from a stage. */
void go_on(const struct talk_input *in, struct talk *talk, enum stage stage);
void ask_menu(const struct talk_input *in, struct talk *talk, const struct command *menu, const struct slots *outer);
void ask_step(const struct talk_input *in, struct talk *talk, bool again, unsigned tries);

/* talk_answer.c: the open question that the text answers, if any; true when it was taken as its answer. */
bool answer_question(const struct talk_input *in, struct talk *talk);
/* Whether it is a plain yes. */
bool is_yes(const struct talk_input *in);
/* A secret was asked for, and the text, which is no answer to that, may hold it: it is hidden. */
void hide_slip(const struct talk_input *in, struct talk *talk);

/* talk.c */
void hear_usage(const struct talk_input *in, struct talk *talk);
void hear_refused(const struct talk_input *in, struct talk *talk);	/* by match.refusal */
const struct dialogue *late_question(const struct talk_input *in);
void hear_yes(const struct talk_input *in, struct talk *talk, const struct dialogue *late);
