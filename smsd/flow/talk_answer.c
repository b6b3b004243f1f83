/* talk_answer - whether a text answers an open question, and which. */
#include "flow/talk_private.h"

#include <ctype.h>

#include "table/kind.h"
#include "text/fold.h"

/* Folded and squeezed, as texts are compared.  Only what can mean nothing else than "do it": a charge hangs on it. */
static const struct str yes_words[] = {
	STR("Y"), STR("YES"), STR("YY"), STR("是"), STR("是的"), STR("确认"), STR("确定"), STR("同意"), STR("回复Y"), STR("回Y"),
	STR("发Y"), STR("发送Y"), STR("Y确认"), STR("确认Y"), STR("是Y"), STR("确认办理"), STR("确认开通"), STR("确认订购"), STR("确认转账"),
	STR("确定办理"), STR("确定开通"), STR("同意办理"), STR("同意开通"), STR("我确认"), STR("我同意"), STR("确认是"), STR("QR"), STR("CONFIRM"),
	STR("IAGREE"), STR("AGREE"), STR("ICONFIRM"),
};
/* May be a yes, or a mere "I see": what waits is asked again. */
static const struct str mild_words[] = {
	STR("好"), STR("好的"), STR("OK"), STR("可以"), STR("行"), STR("对"), STR("对的"), STR("要"), STR("要的"), STR("办"), STR("办理"), STR("开"),
	STR("开通"), STR("嗯"), STR("恩"), STR("好啊"), STR("好吧"), STR("行吧"), STR("没问题"), STR("SURE"), STR("OKAY"), STR("需要"),
	STR("愿意"), STR("可以的"), STR("YEAH"), STR("YEP"), STR("1"),
};
/* "Please confirm", "let me check": who says so may want us to. */
static const struct str unsure_words[] = {
	STR("请确认"), STR("请确认一下"), STR("确认一下"), STR("请确定"), STR("请确定一下"), STR("帮我确认"), STR("帮我确认一下"), STR("请帮我确认"),
	STR("PLEASECONFIRM"), STR("PLSCONFIRM"),
};
static const struct str no_words[] = {
	STR("N"), STR("NO"), STR("否"), STR("不"), STR("不要"), STR("不办"), STR("不办了"), STR("不开"), STR("不开通"), STR("不开了"),
	STR("不需要"), STR("不用"), STR("不用了"), STR("不是"), STR("不确认"), STR("不同意"), STR("取消"), STR("算了"), STR("不要了"), STR("拒绝"),
	STR("回复N"), STR("CANCEL"), STR("NOPE"), STR("不想办了"), STR("不办理"), STR("放弃"), STR("NOTHANKS"), STR("不了"),
};
static const struct str leave_words[] = {
	STR("退出"), STR("EXIT"), STR("QUIT"), STR("算了"), STR("取消"), STR("不办了"), STR("N"), STR("NO"), STR("不要了"), STR("放弃"), STR("退出菜单"),
	STR("返回主菜单"), STR("结束"),
};
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

enum { ANSWER_MAX = 60 };	/* octets; what is longer is no slip of an answer */

enum fit { FIT_NOT, FIT_VALUE, FIT_YES, FIT_MILD, FIT_NO, FIT_LEAVE, FIT_BACK };

struct given {
	const struct dialogue *dialogue;
	enum fit fit;
	unsigned number;	/* of a choice, from 1 */
	struct str value;
};

static bool one_of(const struct talk_input *in, const struct str *list, unsigned n)
{
	return match_phrase(in->tables, in->arena, in->folded, list, n);
}

bool is_yes(const struct talk_input *in)
{
	return !in->context->asks && one_of(in, yes_words, COUNT(yes_words));
}

static bool says_yes(const struct talk_input *in, const struct confirm *confirm)
{
	if (in->context->asks)
		return false;
	return confirm->naccept ? one_of(in, confirm->accept, confirm->naccept) : is_yes(in);
}

static bool says_no(const struct talk_input *in, const struct confirm *confirm)
{
	if (confirm->ndecline)
		return one_of(in, confirm->decline, confirm->ndecline);
	return one_of(in, no_words, COUNT(no_words));
}

static bool is_unsure(const struct talk_input *in)
{
	struct str squeezed = fold_squeeze(in->arena, in->folded);

	for (unsigned i = 0; i < COUNT(unsure_words); i++)
		if (str_eq(squeezed, unsure_words[i]))
			return true;
	return false;
}

static enum fit fit_confirm(const struct talk_input *in, const struct dialogue *d)
{
	const struct confirm *confirm = d->command->confirm;

	if (is_unsure(in))
		return FIT_MILD;
	if (says_yes(in, confirm))
		return FIT_YES;
	if (says_no(in, confirm))
		return FIT_NO;
	/* A usual yes may not be one of its own. */
	return is_yes(in) || one_of(in, mild_words, COUNT(mild_words)) ? FIT_MILD : FIT_NOT;
}

/* "2", "选2", "第二个": from 1 to n; 0: none of them. */
static unsigned chosen(const struct talk_input *in, unsigned n)
{
	static const char *const han[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十" };
	static const char *const before[] = { "", "选", "选择", "回复", "回", "第", "NO", "发", "发送" };
	static const char *const after[] = { "", "个", "项", "号", "第", "了" };

	for (unsigned i = 1; i <= n; i++) {
		struct str phrase[2 * COUNT(before) * COUNT(after)];
		unsigned k = 0;

		for (unsigned b = 0; b < COUNT(before); b++)
			for (unsigned a = 0; a < COUNT(after); a++) {
				phrase[k++] = arena_printf(in->arena, "%s%u%s", before[b], i, after[a]);
				if (i <= 10 && (b || a))
					phrase[k++] = arena_printf(in->arena, "%s%s%s", before[b], han[i], after[a]);
			}
		if (match_phrase(in->tables, in->arena, in->folded, phrase, k))
			return i;
	}
	return 0;
}

static unsigned by_label(const struct talk_input *in, const struct dialogue *d)
{
	for (unsigned i = 0; d->command && i < d->command->nchoices; i++) {
		const struct text2 *label = &d->command->choice[i].label;

		for (int lang = 0; lang < LANGS; lang++) {
			struct str s = fold_squeeze(in->arena, fold_text(in->arena, label->source[lang]));

			if (match_phrase(in->tables, in->arena, in->folded, &s, 1))
				return i + 1;
		}
	}
	return 0;
}

static unsigned offered(const struct dialogue *d, const char *prefix)
{
	unsigned n = 0;

	while (n < 9 && slots_number(&d->slots, prefix, n + 1).ptr)
		n++;
	return n;
}

static bool digits_only(const struct talk_input *in)
{
	return str_digits(fold_squeeze(in->arena, in->folded));
}

/* A whole command always may interrupt; digits that fit the question are its answer. */
static bool interrupts(const struct talk_input *in, const struct talk *talk)
{
	return talk->match.kind == MATCH_COMMAND && !strcmp(talk->match.how, "exact") && !digits_only(in);
}

static unsigned free_arg(const struct dialogue *d)
{
	struct match match = { .command = d->command };

	if (d->kind == DIALOGUE_OPENS) {
		struct str n = slots_get(&d->slots, "n", "");

		return n.len == 1 ? (unsigned)(*n.ptr - '0') : ARGS_MAX;
	}
	slots_get_args(&d->slots, &match);
	for (unsigned i = 0; i < d->command->nsteps; i++)
		if (!match.arg[d->command->step[i].arg].ptr)
			return d->command->step[i].arg;
	return ARGS_MAX;
}

/* Whether it is a command with all that it needs, by words that we know. */
static bool complete(const struct talk_input *in, const struct match *match)
{
	for (unsigned k = 0; match->kind == MATCH_COMMAND && k < match->command->nargs; k++) {
		const struct kind *kind = match->command->arg[k].kind;

		if (match->arg[k].ptr && (kind->rank <= 1 || (kind->vocabulary && !vocabulary_code(in->context->vocabulary,
									str_z(kind->name), match->arg[k]).ptr)))
			return false;
	}
	return match->kind == MATCH_COMMAND;
}

/* Free text takes anything, but a whole command is none, least of all one with a secret in it; nor is what leaves the
 * question, or a yes or no to something else. */
static bool taken_for_text(const struct talk_input *in, const struct talk *talk, const struct dialogue *d, unsigned arg)
{
	if (strcmp(d->command->arg[arg].kind_name, "text") != 0 || digits_only(in))
		return false;
	if (d->kind == DIALOGUE_OPENS && (is_yes(in) || one_of(in, no_words, COUNT(no_words)) ||
					  one_of(in, mild_words, COUNT(mild_words))))
		return true;
	return one_of(in, leave_words, COUNT(leave_words)) || complete(in, &talk->match);
}

/* "Received" is small talk, but not to a question that takes it for an answer. */
static bool small_talk(const struct talk *talk, const struct dialogue *d, unsigned arg)
{
	return d->kind == DIALOGUE_OPENS && talk->match.kind == MATCH_COMMAND && talk->match.command->chat &&
	       !strcmp(d->command->arg[arg].kind_name, "word");
}

static bool value_fits(const struct talk_input *in, const struct talk *talk, const struct dialogue *d, struct str *out_r)
{
	unsigned arg = free_arg(d);

	return arg < d->command->nargs && (!interrupts(in, talk) || small_talk(talk, d, arg)) && !taken_for_text(in, talk, d, arg) &&
	       match_value(in->tables, in->context, in->arena, d->command, arg, in->folded, out_r);
}

static enum fit fit_menu(const struct talk_input *in, const struct talk *talk, const struct dialogue *d, struct given *a)
{
	static const struct str back[] = { STR("0"), STR("返回"), STR("上一级"), STR("BACK"), STR("返回上级") },
				exit_[] = { STR("00"), STR("退出") };
	bool menu = d->kind == DIALOGUE_MENU;

	if (menu && slots_number(&d->slots, "m.", 1).ptr && one_of(in, back, COUNT(back)))
		return FIT_BACK;
	if (menu && one_of(in, exit_, COUNT(exit_)))
		return FIT_LEAVE;
	if (menu && (a->number = by_label(in, d)) != 0)	/* said in the menu's own words */
		return FIT_VALUE;
	if (interrupts(in, talk))
		return FIT_NOT;
	a->number = chosen(in, menu ? d->command->nchoices : offered(d, d->kind == DIALOGUE_OFFER ? "t." : "d."));
	if (a->number)
		return FIT_VALUE;
	return one_of(in, leave_words, COUNT(leave_words)) ? FIT_LEAVE : FIT_NOT;
}

static enum fit fit_secret(const struct talk_input *in, const struct talk *talk, const struct dialogue *d, struct given *a)
{
	struct str squeezed = fold_squeeze(in->arena, in->folded);
	bool code = d->kind == DIALOGUE_OTP;

	if (one_of(in, leave_words, COUNT(leave_words)))
		return FIT_LEAVE;
	if (interrupts(in, talk) || !str_digits(squeezed) || (code ? squeezed.len != 6 : squeezed.len < 4 || squeezed.len > 8))
		return FIT_NOT;
	a->value = squeezed;
	return FIT_VALUE;
}

/* Questions of other short codes are others' business: one port must extend the other. */
static bool port_fits(struct str a, struct str b)
{
	return str_starts(a, b) || str_starts(b, a);
}

static enum fit fits(const struct talk_input *in, const struct talk *talk, const struct dialogue *d, struct given *a)
{
	if (d->until_us <= in->now_us || d->at_us > in->at_us || !d->tables || !port_fits(d->port, in->port))
		return FIT_NOT;
	switch (d->kind) {
	case DIALOGUE_CONFIRM:
		return fit_confirm(in, d);
	case DIALOGUE_MENU: case DIALOGUE_OFFER: case DIALOGUE_WHICH:
		return fit_menu(in, talk, d, a);
	case DIALOGUE_PASSWORD: case DIALOGUE_OTP:
		return fit_secret(in, talk, d, a);
	case DIALOGUE_STEP: case DIALOGUE_OPENS:
		if (value_fits(in, talk, d, &a->value))
			return FIT_VALUE;
		return d->kind == DIALOGUE_STEP && one_of(in, leave_words, COUNT(leave_words)) ? FIT_LEAVE : FIT_NOT;
	default:
		return FIT_NOT;
	}
}

/* ---- doing it ---- */

/* Nothing of an answer with a secret in it may be kept. */
static void hide(struct talk *talk)
{
	talk->match.redacted = STR("***");
	talk->match.secret = true;
}

static void take_command(struct talk *talk, const struct dialogue *d)
{
	struct str redacted = talk->match.redacted;
	bool secret = talk->match.secret;

	talk->tables = d->tables;
	talk->match = (struct match){ .kind = MATCH_COMMAND, .command = d->command, .redacted = redacted, .secret = secret };
	slots_get_args(&d->slots, &talk->match);
	talk->order = slots_get(&d->slots, "k", "");
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			return true;
	return false;
}

/* It may have run out, or the answer may be written in a way that we do not take. */
void hide_slip(const struct talk_input *in, struct talk *talk)
{
	for (unsigned i = 0; i < in->ndialogues; i++) {
		const struct dialogue *d = &in->dialogue[i];
		bool secret = d->kind == DIALOGUE_PASSWORD || d->kind == DIALOGUE_OTP;

		if (d->command && (d->kind == DIALOGUE_STEP || d->kind == DIALOGUE_OPENS))
			secret = free_arg(d) < d->command->nargs && d->command->arg[free_arg(d)].secret;
		if (secret && has_digit(in->folded))
			hide(talk);
	}
}

static void accept(const struct talk_input *in, struct talk *talk, const struct dialogue *d)
{
	take_command(talk, d);
	talk->answers = d;
	talk->result = "accepted";
	talk->quoted = d->slots;
	close_dialogue(talk, d);
	go_on(in, talk, STAGE_CONFIRMED);
}

static void decline(const struct talk_input *in, struct talk *talk, const struct dialogue *d)
{
	take_command(talk, d);
	talk->answers = d;
	talk->result = "declined";
	close_dialogue(talk, d);
	say_short(in, talk, "declined");
}

static void run_choice(const struct talk_input *in, struct talk *talk, const struct dialogue *d, unsigned number)
{
	const struct choice *choice = &d->command->choice[number - 1];
	struct slots outer = { 0 };

	talk->tables = d->tables;
	talk->match = (struct match){
		.kind = MATCH_COMMAND, .command = choice->command, .redacted = talk->match.redacted, .secret = talk->match.secret,
	};
	for (unsigned i = 0; i < choice->nwith; i++) {
		struct str folded = fold_text(in->arena, str_z(choice->with[i].value)), value;

		if (match_value(d->tables, in->context, in->arena, choice->command, choice->with[i].arg, folded, &value))
			talk->match.arg[choice->with[i].arg] = value;
	}
	if (!choice->command->nchoices) {
		go_on(in, talk, STAGE_START);
		return;
	}
	slots_put_number(&outer, in->arena, "m.", 1, str_z(d->command->id));
	for (unsigned i = 1; slots_number(&d->slots, "m.", i).ptr && i < 9; i++)
		slots_put_number(&outer, in->arena, "m.", i + 1, slots_number(&d->slots, "m.", i));
	ask_menu(in, talk, choice->command, &outer);
}

static void back(const struct talk_input *in, struct talk *talk, const struct dialogue *d)
{
	const struct command *menu = tables_find(d->tables, "", slots_number(&d->slots, "m.", 1));
	struct slots outer = { 0 };

	talk->tables = d->tables;
	for (unsigned i = 2; slots_number(&d->slots, "m.", i).ptr; i++)
		slots_put_number(&outer, in->arena, "m.", i - 1, slots_number(&d->slots, "m.", i));
	if (menu && menu->nchoices)
		ask_menu(in, talk, menu, &outer);
	else
		say_short(in, talk, "left");
}

static void run_offer(const struct talk_input *in, struct talk *talk, const struct dialogue *d, unsigned number)
{
	struct str redacted = talk->match.redacted;

	match_text(in->tables, in->context, in->arena, slots_number(&d->slots, "t.", number), &talk->match);
	talk->match.redacted = redacted;
	if (talk->match.kind == MATCH_COMMAND) {
		talk->match.how = "offer";
		go_on(in, talk, STAGE_START);
	} else {
		talk->match = (struct match){ .redacted = redacted };
		say_short(in, talk, "unknown");
	}
}

static const struct dialogue *named(const struct talk_input *in, struct str key)
{
	char id[UUID_TEXT + 1];

	for (unsigned i = 0; i < in->ndialogues; i++) {
		uuid_format(&in->dialogue[i].id, id);
		if (str_eqz(key, id))
			return &in->dialogue[i];
	}
	return NULL;
}

static void run_which(const struct talk_input *in, struct talk *talk, const struct dialogue *d, unsigned number)
{
	const struct dialogue *meant = named(in, slots_number(&d->slots, "d.", number));

	if (!meant || !meant->command)
		say_short(in, talk, "nothing_open");
	else if (meant->until_us <= in->now_us)
		say_short(in, talk, "late");
	else if (str_eqz(slots_get(&d->slots, "v", ""), "no"))
		decline(in, talk, meant);
	else
		accept(in, talk, meant);
}

static void take_value(const struct talk_input *in, struct talk *talk, const struct given *a)
{
	const struct dialogue *d = a->dialogue;
	unsigned arg = free_arg(d);

	if (d->command->arg[arg].secret)
		hide(talk);
	take_command(talk, d);
	talk->match.arg[arg] = a->value;
	/* What another command opened was not counted yet. */
	go_on(in, talk, d->kind == DIALOGUE_STEP ? STAGE_COUNTED : STAGE_START);
}

static void take_secret(struct talk *talk, const struct given *a)
{
	hide(talk);
	take_command(talk, a->dialogue);
	talk->answers = a->dialogue;
	talk->secret = a->value;
	talk->act = TALK_SECRET;
}

static void take(const struct talk_input *in, struct talk *talk, const struct given *a)
{
	const struct dialogue *d = a->dialogue;

	if (a->fit == FIT_MILD) {	/* it stays open */
		talk->match = (struct match){ .redacted = talk->match.redacted, .secret = talk->match.secret };
		talk->again = d;
		talk->act = TALK_RECENT;
		return;
	}
	close_dialogue(talk, d);
	if (a->fit == FIT_YES) {
		accept(in, talk, d);
	} else if (a->fit == FIT_NO) {
		decline(in, talk, d);
	} else if (a->fit == FIT_LEAVE) {
		talk->match.command = d->command;
		say_short(in, talk, "left");
	} else if (a->fit == FIT_BACK) {
		back(in, talk, d);
	} else {
		switch (d->kind) {
		case DIALOGUE_MENU: run_choice(in, talk, d, a->number); break;
		case DIALOGUE_OFFER: run_offer(in, talk, d, a->number); break;
		case DIALOGUE_WHICH: run_which(in, talk, d, a->number); break;
		case DIALOGUE_PASSWORD: case DIALOGUE_OTP: take_secret(talk, a); break;
		default: take_value(in, talk, a); break;
		}
	}
}

/* Enough of a question to know it by: no half a clause or word, where most of it is left then. */
static struct str known_by(struct str question)
{
	static const char *const mark[] = { "（", "，", "：", "。", "；", "、", "(", ", ", ": ", "; " };
	enum { ROOM = 36 };
	size_t cut = ROOM, blank = 0, clause = 0;

	if (question.len <= ROOM)
		return question;
	while (cut && ((unsigned char)question.ptr[cut] & 0xc0) == 0x80)
		cut--;
	for (size_t at = ROOM / 2; at < cut; at++) {
		for (unsigned i = 0; i < sizeof(mark) / sizeof(*mark); i++)
			if (str_starts(str_n(question.ptr + at, question.len - at), str_z(mark[i])))
				clause = at;
		if (question.ptr[at] == ' ')
			blank = at;
	}
	if (clause)
		cut = clause;
	else if (blank && isalnum((unsigned char)question.ptr[cut - 1]) && isalnum((unsigned char)question.ptr[cut]))
		cut = blank;
	return str_n(question.ptr, cut);
}

/* Several orders wait, and a yes or a no fits them all. */
static void ask_which(const struct talk_input *in, struct talk *talk, const struct given *fit, unsigned n)
{
	struct str what[CONFIRMS_MAX];
	struct saying s = { .answer = "which", .outcome = "which_order", .nrows = n, .what = what };
	struct question *q;

	for (unsigned i = 0; i < n; i++)
		what[i] = known_by(fit[i].dialogue->question);
	if (fit[0].fit == FIT_NO)
		s.value[ANSWER_NO] = STR("t");
	talk->match.command = NULL;
	say(in, talk, &s);
	q = open_question(in, talk, DIALOGUE_WHICH, NULL, OFFER_S);
	for (unsigned i = 0; i < n; i++) {
		char id[UUID_TEXT + 1];

		uuid_format(&fit[i].dialogue->id, id);
		slots_put_number(&q->slots, in->arena, "d.", i + 1, str_z(id));
	}
	slots_put(&q->slots, in->arena, "v", "", fit[0].fit == FIT_NO ? STR("no") : STR("yes"));
}

/* Orders that the text fits; those whose question came from the very port it was sent to go before all others. */
static unsigned confirms(const struct talk_input *in, const struct given *fit, unsigned n, struct given *out)
{
	unsigned k = 0, exact = 0;

	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < n; i++) {
			bool port = str_eq(fit[i].dialogue->port, in->port);

			if (fit[i].dialogue->kind != DIALOGUE_CONFIRM || fit[i].fit == FIT_MILD)
				continue;
			exact += !pass && port;
			if (pass && (port || !exact) && k < CONFIRMS_MAX)
				out[k++] = fit[i];
		}
	}
	return k;
}

static void put_again(const struct talk_input *in, struct talk *talk, const struct dialogue *d)
{
	struct saying s = { .answer = "retry", .outcome = "retry" };

	s.value[ANSWER_ASK] = d->question;	/* empty with a code, which is not sent twice */
	say(in, talk, &s);
	struct question *q = open_question(in, talk, d->kind, d->command, 0);
	q->until_us = d->until_us;
	q->tries = d->tries + 1;
	q->slots = d->slots;
	q->text = d->question;
}

/* Not an answer, but meant as one: no command, and something was just asked. */
static bool ask_again(const struct talk_input *in, struct talk *talk)
{
	const struct dialogue *d = NULL;

	for (unsigned i = 0; i < in->ndialogues && !d; i++)
		if (in->dialogue[i].until_us > in->now_us && in->dialogue[i].tables && in->dialogue[i].at_us <= in->at_us &&
		    port_fits(in->dialogue[i].port, in->port) && in->dialogue[i].kind != DIALOGUE_CONFIRM &&
		    in->dialogue[i].kind != DIALOGUE_OPENS)
			d = &in->dialogue[i];
	if (!d || in->folded.len > ANSWER_MAX || talk->match.kind != MATCH_NONE || in->context->asks)
		return false;
	if (d->kind == DIALOGUE_OFFER || d->kind == DIALOGUE_WHICH)
		return false;
	close_dialogue(talk, d);
	hide_slip(in, talk);
	take_command(talk, d);
	/* Other tables than those that asked may have nothing more to ask. */
	if (d->tries + 1 >= RETRIES_MAX || (d->kind == DIALOGUE_STEP && free_arg(d) >= d->command->nargs))
		say_short(in, talk, "gave_up");
	else if (d->kind == DIALOGUE_STEP)
		ask_step(in, talk, true, d->tries + 1);
	else
		put_again(in, talk, d);
	return true;
}

/* The newest; what only perhaps is a yes comes last. */
static const struct given *first_fit(const struct given *fit, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (fit[i].fit != FIT_MILD)
			return &fit[i];
	return &fit[0];
}

bool answer_question(const struct talk_input *in, struct talk *talk)
{
	struct given fit[in->ndialogues + 1], order[CONFIRMS_MAX];
	unsigned n = 0, norders;

	for (unsigned i = 0; i < in->ndialogues; i++) {
		fit[n] = (struct given){ .dialogue = &in->dialogue[i] };
		fit[n].fit = fits(in, talk, fit[n].dialogue, &fit[n]);
		n += fit[n].fit != FIT_NOT;
	}
	norders = confirms(in, fit, n, order);
	if (norders == 1)
		take(in, talk, &order[0]);
	else if (norders > 1)
		ask_which(in, talk, order, norders);
	else if (n)
		take(in, talk, first_fit(fit, n));
	else
		return ask_again(in, talk);
	return true;
}
