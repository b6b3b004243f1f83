/* talk - see talk.h. */
#include "flow/talk.h"

#include "flow/talk_private.h"
#include "text/fold.h"

/* The newest question that has run out. */
const struct dialogue *late_question(const struct talk_input *in)
{
	for (unsigned i = 0; i < in->ndialogues; i++)
		if (in->dialogue[i].kind == DIALOGUE_CONFIRM &&
		    (in->dialogue[i].until_us <= in->now_us || !in->dialogue[i].tables))
			return &in->dialogue[i];
	return NULL;
}

/* A yes to nothing does nothing, and says so. */
void hear_yes(const struct talk_input *in, struct talk *talk, const struct dialogue *late)
{
	if (late) {
		talk->answers = late;
		talk->result = "late";
		talk->match.command = late->command;
		close_dialogue(talk, late);
		say_short(in, talk, "late");
		return;
	}
	say_short(in, talk, "nothing_open");
}

void hear_refused(const struct talk_input *in, struct talk *talk)
{
	bool when = talk->match.refusal == REFUSAL_WHEN;
	struct saying s = { .answer = when ? "not_now" : "not_for_you", .outcome = when ? "not_now" : "not_for_you" };

	if (talk->match.command->audience->hours)
		s.value[ANSWER_HOURS] = str_z(talk->match.command->audience->hours);
	say(in, talk, &s);
}

void hear_usage(const struct talk_input *in, struct talk *talk)
{
	struct reply_input plain = say_input(in, talk);
	struct err err;

	bool usage = talk->match.command->usage.source[LANG_ZH].ptr;

	/* What was said wrongly around a secret is explained, not taken for a beginning. */
	if (talk->match.command->nsteps && !in->context->asks && !(usage && talk->match.rest && command_has_secret(talk->match.command))) {
		go_on(in, talk, STAGE_START);
		return;
	}
	talk->act = TALK_DONE;
	if (!usage || reply_make(&plain, in->arena, &talk->reply, &err) < 0)
		say_short(in, talk, "unknown");
}

/* Orders and questions are answered at once.  What else we answer might be a machine's that answers us: first it is
 * asked how often he wrote so. */
static void hear_text(const struct talk_input *in, struct talk *talk)
{
	if (talk->match.kind == MATCH_COMMAND && !talk->match.command->chat) {
		talk->order = keyed_hash(in, in->folded);
		go_on(in, talk, STAGE_START);
	} else if (talk->match.kind == MATCH_REFUSED) {
		hear_refused(in, talk);
	} else {
		talk->stray_yes = talk->match.kind == MATCH_NONE && tables_answer(in->tables, "nothing_open", in->lang) &&
				  is_yes(in);
		talk->act = TALK_RECENT;
	}
}

void talk_hear(const struct talk_input *in, struct talk *out_r)
{
	struct talk *talk = out_r;

	*talk = (struct talk){ .tables = in->tables };
	if (in->folded.len <= FOLD_MAX) {
		match_text(in->tables, in->context, in->arena, in->folded, &talk->match);
	} else {
		talk->match.redacted = fold_redact(in->arena, in->folded);
		talk->match.secret = !str_eq(talk->match.redacted, in->folded);
	}
	if (in->ndialogues && answer_question(in, talk))
		return;
	if (talk->match.kind == MATCH_NONE)
		hide_slip(in, talk);
	hear_text(in, talk);
}
