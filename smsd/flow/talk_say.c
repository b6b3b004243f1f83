/* talk_say - what the engine itself says, and the questions it leaves open. */
#include "flow/talk_private.h"

#include "text/segment.h"

struct reply_input say_input(const struct talk_input *in, const struct talk *talk)
{
	return (struct reply_input){
		.tables = talk->tables, .match = &talk->match, .lang = in->lang, .msisdn = in->msisdn, .port = in->port,
		.now = in->now_text, .mo_id = in->id, .tip_counts = in->tip_counts, .ntip_counts = in->ntip_counts,
		.tip_room = in->tip_room, .context = in->context,
	};
}

bool talk_may_tip(const struct talk_input *in, const struct talk *talk)
{
	struct reply_input reply = say_input(in, talk);

	return talk->act == TALK_RUN && talk->tables->ntips && reply_may_tip(&reply);
}

void say_text(const struct talk_input *in, struct talk *talk, const char *outcome, struct str text)
{
	talk->act = TALK_DONE;
	talk->reply = (struct reply){ .outcome = str_z(outcome), .text = text };
	reply_measure(in->arena, &talk->reply);
}

void say(const struct talk_input *in, struct talk *talk, const struct saying *saying)
{
	struct answer_input answer = {
		.tables = talk->tables, .name = saying->answer, .lang = in->lang, .nrows = saying->nrows,
		.what = saying->what,
	};

	memcpy(answer.value, saying->value, sizeof(answer.value));
	answer.value[0] = in->msisdn;
	answer.value[1] = in->now_text;
	answer.value[2] = in->port;
	say_text(in, talk, saying->outcome, reply_answer(&answer, in->arena));
}

void say_short(const struct talk_input *in, struct talk *talk, const char *answer)
{
	say(in, talk, &(struct saying){ .answer = answer, .outcome = answer });
}

void say_nothing(struct talk *talk, const char *outcome)
{
	talk->act = TALK_DONE;
	talk->silent = true;
	talk->reply = (struct reply){ .outcome = str_z(outcome), .text = STR("") };
}

void close_dialogue(struct talk *talk, const struct dialogue *dialogue)
{
	for (unsigned i = 0; i < talk->ncloses; i++)
		if (talk->closes[i] == dialogue)
			return;
	if (talk->ncloses < sizeof(talk->closes) / sizeof(*talk->closes))
		talk->closes[talk->ncloses++] = dialogue;
}

/* Of these a customer has one at a time: the newest is what he sees. */
static bool passing(enum dialogue_kind kind)
{
	return kind != DIALOGUE_CONFIRM && kind != DIALOGUE_OPENS;
}

static void make_room(const struct talk_input *in, struct talk *talk, const struct question *q)
{
	unsigned confirms = 0;

	for (unsigned i = 0; i < in->ndialogues; i++) {
		const struct dialogue *d = &in->dialogue[i];

		if (passing(q->kind) && passing(d->kind))
			close_dialogue(talk, d);
		else if (q->kind == DIALOGUE_OPENS && d->kind == DIALOGUE_OPENS && str_eqz(d->command_id, q->command->id))
			close_dialogue(talk, d);
		else if (q->kind == DIALOGUE_CONFIRM && d->kind == DIALOGUE_CONFIRM && ++confirms >= CONFIRMS_MAX)
			close_dialogue(talk, d);
	}
}

struct question *open_question(const struct talk_input *in, struct talk *talk, enum dialogue_kind kind,
			       const struct command *command, unsigned seconds)
{
	struct question *q = arena_alloc(in->arena, sizeof(*q));

	q->kind = kind;
	q->command = command;
	q->until_us = in->now_us + (int64_t)seconds * 1000000;
	talk->opens = q;
	make_room(in, talk, q);
	return q;
}

void keep_order(const struct talk_input *in, const struct talk *talk, struct question *q)
{
	if (talk->order.len && !slots_get(&q->slots, "k", "").ptr)
		slots_put(&q->slots, in->arena, "k", "", talk->order);
}
