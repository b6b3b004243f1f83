/* talk_go - from a command and its arguments towards its answer: what is missing is asked for, secrets are proved,
 * orders are confirmed, and then its SQL runs. */
#include <sodium.h>

#include "flow/talk_private.h"

/* ---- menus and steps ---- */

void ask_menu(const struct talk_input *in, struct talk *talk, const struct command *menu, const struct slots *outer)
{
	struct reply_input plain = say_input(in, talk);
	struct str *what = arena_alloc(in->arena, menu->nchoices * sizeof(*what));
	struct saying s = { .answer = "menu", .outcome = "menu", .nrows = menu->nchoices, .what = what };
	struct question *q;

	for (unsigned i = 0; i < menu->nchoices; i++)
		what[i] = reply_plain(&menu->choice[i].label, &plain, in->arena);
	s.value[ANSWER_TITLE] = reply_plain(&menu->title, &plain, in->arena);
	if (outer && outer->n)
		s.value[ANSWER_NESTED] = STR("t");
	talk->match.command = menu;
	say(in, talk, &s);
	q = open_question(in, talk, DIALOGUE_MENU, menu, menu->within_s);
	if (outer)
		q->slots = *outer;
}

static const struct step *missing_step(const struct match *match)
{
	for (unsigned i = 0; i < match->command->nsteps; i++)
		if (!match->arg[match->command->step[i].arg].ptr)
			return &match->command->step[i];
	return NULL;
}

void ask_step(const struct talk_input *in, struct talk *talk, bool again, unsigned tries)
{
	const struct step *step = missing_step(&talk->match);
	struct reply_input plain = say_input(in, talk);
	const struct text2 *text = again && step->retry.source[LANG_ZH].ptr ? &step->retry : &step->ask;
	struct question *q;

	say_text(in, talk, again ? "retry" : "step", reply_plain(text, &plain, in->arena));
	q = open_question(in, talk, DIALOGUE_STEP, talk->match.command, talk->match.command->within_s);
	q->tries = tries;
	slots_put_args(&q->slots, in->arena, &talk->match);
}

/* ---- secrets ---- */

static int secret_arg(const struct match *match)
{
	for (unsigned k = 0; k < match->command->nargs; k++)
		if (!strcmp(match->command->arg[k].kind_name, "password") && match->arg[k].ptr)
			return (int)k;
	return -1;
}

static struct str new_secret(const struct match *match)
{
	for (unsigned k = 0; k < match->command->nargs; k++)
		if (!strcmp(match->command->arg[k].kind_name, "new_password"))
			return match->arg[k];
	return (struct str){ 0 };
}

struct str keyed_hash(const struct talk_input *in, struct str text)
{
	static const struct seal none;
	unsigned char hash[SEAL_HASH];
	char *hex = arena_alloc(in->arena, 2 * SEAL_HASH + 1);

	seal_hash(in->seal ? in->seal : &none, text, hash);
	sodium_bin2hex(hex, 2 * SEAL_HASH + 1, hash, SEAL_HASH);
	return str_z(hex);
}

static struct str code_hash(const struct talk_input *in, struct str code)
{
	return keyed_hash(in, arena_printf(in->arena, "%.*s %.*s", STR_ARG(in->msisdn), STR_ARG(code)));
}

static void ask_code(const struct talk_input *in, struct talk *talk)
{
	struct str code = arena_printf(in->arena, "%06u", randombytes_uniform(1000000));
	struct saying s = { .answer = "ask_otp", .outcome = "need_otp" };
	struct question *q;

	talk->code = s.value[ANSWER_CODE] = code;
	s.value[3] = reply_span(in->arena, SECRET_S, in->lang);
	say(in, talk, &s);
	q = open_question(in, talk, DIALOGUE_OTP, talk->match.command, SECRET_S);
	slots_put_args(&q->slots, in->arena, &talk->match);
	slots_put(&q->slots, in->arena, "h", "", code_hash(in, code));
	keep_order(in, talk, q);
}

static void ask_password(const struct talk_input *in, struct talk *talk)
{
	struct saying s = { .answer = "ask_password", .outcome = "need_password" };
	struct question *q;

	s.value[3] = reply_span(in->arena, SECRET_S, in->lang);
	say(in, talk, &s);
	q = open_question(in, talk, DIALOGUE_PASSWORD, talk->match.command, SECRET_S);
	slots_put_args(&q->slots, in->arena, &talk->match);
	keep_order(in, talk, q);
}

static void say_locked(const struct talk_input *in, struct talk *talk, int64_t until_us)
{
	struct saying s = { .answer = "locked", .outcome = "locked" };

	s.value[ANSWER_UNTIL] = reply_moment(in->arena, until_us, in->now_us);
	say(in, talk, &s);
}

/* The pauses grow: 10 minutes, an hour, a day. */
static void wrong_secret(const struct talk_input *in, struct talk *talk, unsigned times)
{
	static const unsigned pause_s[] = { 600, 3600, 24 * 3600 };
	bool code = talk->match.command->need == NEED_OTP;
	struct saying s = { .answer = code ? "wrong_otp" : "wrong_password" };
	const struct dialogue *d = talk->answers;
	unsigned round = times / SECRET_TRIES, left = SECRET_TRIES - times % SECRET_TRIES;

	talk->wrong = 1;
	talk->wrong_times = times;
	talk->lock_until_us = in->now_us;
	if (times % SECRET_TRIES == 0) {
		talk->lock_until_us += (int64_t)pause_s[round > 3 ? 2 : round - 1] * 1000000;
		say_locked(in, talk, talk->lock_until_us);
		return;
	}
	s.outcome = s.answer;
	s.value[ANSWER_LEFT] = arena_printf(in->arena, "%u", left);
	say(in, talk, &s);
	struct question *q = open_question(in, talk, code ? DIALOGUE_OTP : DIALOGUE_PASSWORD, talk->match.command, SECRET_S);
	if (d) {
		q->slots = d->slots;
		q->until_us = d->until_us;
	} else {	/* a password given with the order: asked for alone now */
		int k = secret_arg(&talk->match);

		talk->match.arg[k] = (struct str){ 0 };
		slots_put_args(&q->slots, in->arena, &talk->match);
	}
	keep_order(in, talk, q);
}

/* A right code forgets no wrong ones: who holds the handset gets as many codes as he likes, and could try passwords
 * in between for ever. */
static void check_code(const struct talk_input *in, struct talk *talk, unsigned times)
{
	struct str expected = slots_get(&talk->answers->slots, "h", ""), given = code_hash(in, talk->secret);

	if (in->trial || (expected.len == given.len && sodium_memcmp(expected.ptr, given.ptr, given.len) == 0))
		go_on(in, talk, STAGE_PROVED);
	else
		wrong_secret(in, talk, times + 1);
}

void talk_secret(const struct talk_input *in, struct talk *talk, struct str hash, unsigned times, int64_t until_us)
{
	bool code = talk->match.command->need == NEED_OTP;

	if (until_us > in->now_us) {
		say_locked(in, talk, until_us);
	} else if (code && !talk->secret.ptr) {
		ask_code(in, talk);
	} else if (code) {
		check_code(in, talk, times);
	} else if (!hash.len || hash.len >= sizeof(in->proof->hash)) {	/* longer is none that libsodium made */
		say_short(in, talk, "no_password");
	} else if (!talk->secret.ptr) {
		ask_password(in, talk);
	} else if (!in->proof || !str_eqz(hash, in->proof->hash)) {
		talk->act = TALK_PROVE;
		talk->hash = arena_str(in->arena, hash);
		talk->new_secret = new_secret(&talk->match);
	} else if (in->proof->right) {
		talk->wrong = times ? -1 : 0;
		go_on(in, talk, STAGE_PROVED);
	} else {
		wrong_secret(in, talk, times + 1);
	}
}

/* OWASP's parameters of 2023 for argon2id: 19 MiB, twice. */
void proof_make(struct proof *proof, struct str secret, struct str new_secret)
{
	enum { OPS = 2, MEMORY = 19 << 20 };

	if (secret.len && *proof->hash)
		proof->right = crypto_pwhash_str_verify(proof->hash, secret.ptr, secret.len) == 0;
	if (new_secret.len && crypto_pwhash_str(proof->hash_new, new_secret.ptr, new_secret.len, OPS, MEMORY) != 0)
		*proof->hash_new = '\0';	/* out of memory: asked for again */
}

/* ---- on ---- */

static bool lacks_argument(const struct match *match)
{
	for (unsigned k = 0; k < match->command->nargs; k++)
		if (!match->arg[k].ptr && strcmp(match->command->arg[k].kind_name, "password") != 0)
			return true;
	return false;
}

/* A choice or an answer may lead to a command without all that it needs. */
static bool to_usage(const struct talk_input *in, struct talk *talk)
{
	struct reply_input plain = say_input(in, talk);
	struct err err;

	/* A wording may leave arguments out. */
	if (!talk->match.command->usage.source[LANG_ZH].ptr || talk->match.how || talk->match.command->bare ||
	    !lacks_argument(&talk->match))
		return false;
	talk->match.kind = MATCH_USAGE;
	talk->act = TALK_DONE;
	return reply_make(&plain, in->arena, &talk->reply, &err) == 0;
}

void go_on(const struct talk_input *in, struct talk *talk, enum stage stage)
{
	const struct command *command = talk->match.command;

	talk->match.kind = MATCH_COMMAND;
	talk->stage = stage;
	if (stage == STAGE_START && !match_allowed(in->context, command, &talk->match.refusal)) {
		hear_refused(in, talk);		/* a menu or another command led here */
	} else if (command->nchoices) {
		ask_menu(in, talk, command, NULL);
	} else if (stage < STAGE_COUNTED && command->rate_n && !in->listed) {
		talk->act = TALK_COUNT;
	} else if (missing_step(&talk->match)) {
		ask_step(in, talk, false, 0);
	} else if (to_usage(in, talk)) {
		return;
	} else if (stage < STAGE_PROVED && command->need) {
		int k = command->need == NEED_PASSWORD ? secret_arg(&talk->match) : -1;

		if (k >= 0 && !talk->secret.ptr)
			talk->secret = talk->match.arg[k];
		talk->act = TALK_SECRET;
	} else if (stage < STAGE_CONFIRMED && command->confirm) {
		talk->act = TALK_QUOTE;
	} else if (new_secret(&talk->match).ptr && !(in->proof && *in->proof->hash_new)) {
		talk->act = TALK_PROVE;
		talk->hash = (struct str){ 0 };
		talk->new_secret = new_secret(&talk->match);
	} else {
		talk->act = TALK_RUN;
	}
}

void talk_counted(const struct talk_input *in, struct talk *talk, unsigned n, int64_t oldest_us)
{
	struct saying s = { .answer = "too_many", .outcome = "too_many" };

	if (n < talk->match.command->rate_n) {
		go_on(in, talk, STAGE_COUNTED);
		return;
	}
	s.value[ANSWER_UNTIL] = reply_moment(in->arena, oldest_us + (int64_t)talk->match.command->rate_s * 1000000,
					     in->now_us);
	say(in, talk, &s);
}

const struct command *talk_command(const struct talk *talk)
{
	return talk->act == TALK_QUOTE ? talk->match.command->confirm->quote : talk->match.command;
}

/* ---- what the SQL said ---- */

static struct str cell(const PGresult *res, int col)
{
	if (PQntuples(res) == 0 || col < 0 || col >= PQnfields(res) || PQgetisnull(res, 0, col))
		return (struct str){ 0 };
	return str_n(PQgetvalue(res, 0, col), PQgetlength(res, 0, col));
}

/* How many stand before that one, which is put last. */
static unsigned slots_before(const struct slots *slots, const char *name)
{
	unsigned n = 0;

	while (n < slots->n && !str_eqz(slots->slot[n].name, name))
		n++;
	return n;
}

/* The same order again while its question is open: the question again, as it was. */
static const struct dialogue *asked_already(const struct talk_input *in, const struct talk *talk, const struct slots *slots)
{
	struct str now = slots_encode(slots, in->arena);
	/* Other words for it are the same order. */
	for (unsigned i = 0; i < in->ndialogues; i++) {
		const struct dialogue *d = &in->dialogue[i];

		if (d->kind == DIALOGUE_CONFIRM && d->until_us > in->now_us && str_eqz(d->command_id, talk->match.command->id) &&
		    str_eqz(d->function, talk->match.command->function) &&
		    str_eq(slots_encode(&(struct slots){ slots_before(&d->slots, "k"), d->slots.slot }, in->arena), now))
			return d;
	}
	return NULL;
}

/* An older question for the same thing, at another price. */
static void replace_older(const struct talk_input *in, struct talk *talk)
{
	for (unsigned i = 0; i < in->ndialogues; i++) {
		const struct dialogue *d = &in->dialogue[i];
		struct match match = { .command = talk->match.command };
		bool same = d->kind == DIALOGUE_CONFIRM && str_eqz(d->command_id, talk->match.command->id) && d != talk->answers;

		if (same)
			slots_get_args(&d->slots, &match);
		for (unsigned k = 0; same && k < match.command->nargs; k++)
			same = str_eq(match.arg[k], talk->match.arg[k]);
		if (same)
			close_dialogue(talk, d);
	}
}

static int asked(const struct talk_input *in, struct talk *talk, const PGresult *res, struct err *err)
{
	const struct command *command = talk->match.command, *quote = command->confirm->quote;
	struct match match = talk->match;
	struct reply_input reply = say_input(in, talk);
	struct slots slots = { 0 };

	match.command = quote;
	reply.match = &match;
	reply.result = res;
	reply.within_s = command->confirm->within_s;
	if (reply_make(&reply, in->arena, &talk->reply, err) < 0)
		return -1;
	talk->act = TALK_DONE;
	if (!str_eqz(talk->reply.outcome, "ok")) {
		talk->command_said = true;
		return 0;
	}
	slots_put_args(&slots, in->arena, &talk->match);
	for (unsigned i = 0; i < command->nparams; i++)
		if (command->param[i].source == PARAM_ASKED)
			slots_put(&slots, in->arena, "q.", command->param[i].name, cell(res, (int)command->param[i].arg));
	bool changed = talk->result && !strcmp(talk->result, "changed");
	const struct dialogue *open = changed ? NULL : asked_already(in, talk, &slots);
	talk->reply.outcome = STR("confirm");
	if (open) {
		talk->reply.text = open->question;
		reply_measure(in->arena, &talk->reply);
		return 0;
	}
	replace_older(in, talk);
	if (changed) {	/* the price was another when he said yes */
		struct saying s = { .answer = "changed", .outcome = "confirm" };

		s.value[ANSWER_ASK] = talk->reply.text;
		say(in, talk, &s);
	}
	struct question *q = open_question(in, talk, DIALOGUE_CONFIRM, command, command->confirm->within_s);
	q->slots = slots;
	keep_order(in, talk, q);
	struct str price = cell(res, quote->price_column);
	q->price_version = price.ptr ? arena_str(in->arena, price) : price;
	return 0;
}

static bool opens_on(const struct opens *opens, struct str outcome)
{
	for (unsigned i = 0; i < opens->non; i++)
		if (str_eqz(outcome, opens->on[i]))
			return true;
	return !opens->non && str_eqz(outcome, "ok");
}

static void open_next(const struct talk_input *in, struct talk *talk, const PGresult *res)
{
	const struct opens *opens = talk->match.command->opens;
	struct match next = { .command = opens->command };
	struct question *q;

	for (unsigned i = 0; i < opens->nwith; i++)
		next.arg[opens->with[i].arg] = cell(res, command_column(talk->match.command, opens->with[i].value));
	q = open_question(in, talk, DIALOGUE_OPENS, opens->command, opens->within_s);
	slots_put_args(&q->slots, in->arena, &next);
	slots_put(&q->slots, in->arena, "n", "", arena_printf(in->arena, "%u", opens->arg));
}

static int ran(const struct talk_input *in, struct talk *talk, const PGresult *res, struct err *err)
{
	const struct command *command = talk->match.command;
	struct reply_input reply = say_input(in, talk);
	struct str lang = cell(res, command->lang_column), outcome = cell(res, command->outcome_column);

	if (command->confirm && talk->answers && str_eqz(outcome, "changed")) {
		talk->result = "changed";
		talk->act = TALK_QUOTE;
		return 0;
	}
	reply.result = res;
	if (lang.ptr)
		reply.lang = lang_parse(lang);
	if (reply_make(&reply, in->arena, &talk->reply, err) < 0)
		return -1;
	talk->act = TALK_DONE;
	talk->command_said = !command->chat;
	if (command->chat)
		talk->reply.outcome = STR("chat");
	if (command->opens && opens_on(command->opens, talk->reply.outcome))
		open_next(in, talk, res);
	return 0;
}

int talk_result(const struct talk_input *in, struct talk *talk, const PGresult *result, struct err *err)
{
	return talk->act == TALK_QUOTE ? asked(in, talk, result, err) : ran(in, talk, result, err);
}

/* ---- what nobody understands ---- */

static void offer(const struct talk_input *in, struct talk *talk, const struct nearest *near)
{
	struct str what[NEAREST_MAX];
	struct saying s = { .answer = "offer", .outcome = "offer", .nrows = near->n, .what = what };
	struct question *q;

	for (unsigned i = 0; i < near->n; i++)
		what[i] = near->hit[i].shown;
	say(in, talk, &s);
	q = open_question(in, talk, DIALOGUE_OFFER, NULL, OFFER_S);
	for (unsigned i = 0; i < near->n; i++) {
		slots_put_number(&q->slots, in->arena, "t.", i + 1, near->hit[i].text);
		slots_put_number(&q->slots, in->arena, "w.", i + 1, near->hit[i].shown);
	}
}

/* Whoever sends what we do not understand again and again may be a machine that answers our answers. */
void talk_recent(const struct talk_input *in, struct talk *talk, unsigned same, unsigned streak)
{
	enum { SAME_MAX = 3, STREAK_MAX = 5 };
	struct nearest near = { 0 };
	struct str redacted = talk->match.redacted;
	bool secret = talk->match.secret;
	const struct dialogue *late = talk->stray_yes ? late_question(in) : NULL;

	if (!in->listed && !late && (same >= SAME_MAX || streak >= STREAK_MAX)) {
		talk->match.command = NULL;
		say_nothing(talk, "silent");
		return;
	}
	if (talk->again) {
		say_text(in, talk, "retry", talk->again->question);
		return;
	}
	if (talk->stray_yes) {
		hear_yes(in, talk, late);
		return;
	}
	if (talk->match.kind == MATCH_USAGE) {
		hear_usage(in, talk);
		return;
	}
	if (talk->match.kind == MATCH_COMMAND) {	/* small talk */
		go_on(in, talk, STAGE_START);
		return;
	}
	if (!secret && in->tables->nearest && in->folded.len <= FOLD_MAX)
		nearest_find(in->tables->nearest, in->words, in->context, in->arena, in->folded, &near);
	if (near.n && near.clear && !in->context->asks && !near.hit[0].usage &&
	    near.hit[0].command->risk == RISK_QUERY) {
		match_text(in->tables, in->context, in->arena, near.hit[0].text, &talk->match);
		talk->match.redacted = redacted;
		if (talk->match.kind == MATCH_COMMAND && talk->match.command->risk == RISK_QUERY) {
			talk->match.how = "near";
			go_on(in, talk, STAGE_START);
			return;
		}
		talk->match = (struct match){ .kind = MATCH_NONE, .redacted = redacted };
	}
	if (near.n && tables_answer(in->tables, "offer", in->lang))
		offer(in, talk, &near);
	else
		say_short(in, talk, "unknown");
}
