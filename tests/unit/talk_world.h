/* talk_world - one customer, the tables of a test, and what a database would remember of him: for the tests of the
 * engine of talks (talk_test.c, tests/fuzz/talk_fuzz.c).  world_hear() takes a text through the engine as a batch does, keeps
 * its questions as rows do, and holds against each step what must be true whatever is said. */
#pragma once
#include <stdio.h>
#include <stdlib.h>

#include "flow/talk.h"
#include "table/problems.h"
#include "text/fold.h"

enum { WORLD_DIALOGUES = 40, WORLD_TEXTS = 64 };

struct world {
	struct arena *kept, *arena;	/* for good; for one text */
	struct tables *tables;
	struct vocabulary *vocabulary;
	struct nearest_words *words;
	int64_t now_us;
	const char *brand, *port;
	enum lang lang;
	/* The database: */
	const char *outcome, *quote, *price;	/* of the next SQL; price_version */
	const char *hash, *password;
	unsigned count;			/* of the rate */
	unsigned times;
	int64_t lock_until_us;
	unsigned n;
	struct dialogue dialogue[WORLD_DIALOGUES];	/* the newest first */
	unsigned ntexts;
	struct {
		char folded[200];
		bool command;
	} text[WORLD_TEXTS];		/* the newest last */
	/* What came of the last text: */
	struct talk talk;
	char ran[300], evidence[300];
	unsigned runs, proofs;
	char code[8];			/* the last that was sent */
};

#define WORLD_CHECK(what) do {									\
	if (!(what)) {										\
		fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what);		\
		abort();									\
	}											\
} while (0)

#define WORLD_REPLY "    reply: {ok: {zh: \"好{{outcome}}\", en: \"fine\"}, bad: {zh: 坏, en: bad}}\n"
static const char world_yaml[] =
	"table: w\nports: [\"10086\"]\ncommands:\n"
	"  balance:\n    about: x\n    say: [YE, \"101\", 余额]\n    risk: query\n    sql: SELECT outcome FROM f(:msisdn)\n"
	"    examples: [{text: YE}]\n" WORLD_REPLY
	"  order:\n    about: x\n    say: [\"DD {service}\"]\n    args: {service: {is: service}}\n    risk: charge\n"
	"    confirm:\n      sql: SELECT outcome, price_version FROM q(:msisdn, :service)\n"
	"      ask: {zh: \"买{{service}}{{price_version}}，{{within}}内回Y\", en: \"buy {{service}}?\"}\n      within: 2h\n"
	"    sql: SELECT outcome FROM f(:msisdn, :service, :price_version)\n    examples: [{text: DD CAILING, expect: confirm}]\n"
	WORLD_REPLY
	"  strict:\n    about: x\n    say: [YG]\n    risk: charge\n"
	"    confirm:\n      sql: SELECT outcome FROM q(:msisdn)\n      ask: {zh: 严格, en: strict}\n      accept: [成交]\n"
	"      decline: [流拍]\n    sql: SELECT outcome FROM f(:msisdn)\n    examples: [{text: YG, expect: confirm}]\n" WORLD_REPLY
	"  pay:\n    about: x\n    say: [\"ZZ {n} [{pw}]\"]\n    args: {n: {is: number}, pw: {is: password, secret: true}}\n"
	"    risk: money\n    needs: password\n"
	"    confirm:\n      sql: SELECT outcome FROM q(:n)\n      ask: {zh: \"转{{n}}\", en: pay}\n      within: 10m\n"
	"    sql: SELECT outcome FROM f(:n)\n    examples: [{text: ZZ 5}]\n" WORLD_REPLY
	"  vault:\n    about: x\n    say: [BX]\n    risk: identity\n    needs: password\n    sql: SELECT outcome FROM f(:msisdn)\n"
	"    examples: [{text: BX}]\n" WORLD_REPLY
	"  code:\n    about: x\n    say: [YZ]\n    risk: identity\n    needs: otp\n    sql: SELECT outcome FROM f(:msisdn)\n"
	"    examples: [{text: YZ}]\n" WORLD_REPLY
	"  renew:\n    about: x\n    say: [\"XGMM\", \"XGMM {old} {new}\"]\n"
	"    args: {old: {is: password, secret: true}, new: {is: new_password, pattern: '[0-9]{6}', secret: true}}\n"
	"    risk: identity\n    needs: password\n    steps: [{arg: new, ask: {zh: 新密码, en: new one}, retry: {zh: 六位, en: six}}]\n"
	"    sql: SELECT outcome FROM f(:new)\n    examples: [{text: XGMM 123456 654321}]\n" WORLD_REPLY
	"  card:\n    about: x\n    say: [CZ]\n    args: {card: {is: digits, pattern: '[0-9]{16}', secret: true}}\n    risk: money\n"
	"    steps: [{arg: card, ask: {zh: 卡号, en: card}}]\n    sql: SELECT outcome FROM f(:card)\n    examples: [{text: CZ}]\n"
	WORLD_REPLY
	"  compose:\n    about: x\n    say: [ZU, \"ZU {a} {b}\"]\n"
	"    args: {a: {is: number, pattern: '[1-3]'}, b: {is: number, pattern: '[1-3]'}}\n    risk: query\n"
	"    steps: [{arg: a, ask: {zh: 一, en: one}, retry: {zh: 一再, en: one more}}, {arg: b, ask: {zh: 二, en: two}}]\n"
	"    sql: SELECT outcome FROM f(:a, :b)\n    examples: [{text: ZU 1 2}]\n" WORLD_REPLY
	"  main:\n    about: x\n    say: [MM]\n    risk: query\n    within: 5m\n    menu:\n      title: {zh: 总, en: main}\n      choices:\n"
	"        - {label: {zh: 查余, en: Money}, runs: balance}\n        - {label: {zh: 更多, en: More}, runs: inner}\n"
	"        - {label: {zh: 组合, en: Mix}, runs: compose, with: {a: \"3\"}}\n"
	"        - {label: {zh: 买铃, en: Ring}, runs: order, with: {service: 彩铃}}\n    examples: [{text: MM}]\n"
	"  inner:\n    about: x\n    risk: query\n    menu:\n      title: {zh: 内, en: inner}\n      choices:\n"
	"        - {label: {zh: 余, en: b}, runs: balance}\n"
	"  score:\n    about: x\n    say: [PF]\n    risk: query\n    opens: {command: mark, within: 1h, with: {about: about}}\n"
	"    sql: SELECT outcome, about FROM f(:msisdn)\n    examples: [{text: PF}]\n" WORLD_REPLY
	"  mark:\n    about: x\n    risk: query\n    limits: {per_subscriber: 2/hour}\n"
	"    args: {about: {is: word}, mark: {is: number, pattern: '[1-5]'}}\n"
	"    sql: SELECT outcome FROM f(:about, :mark)\n" WORLD_REPLY
	"  complain:\n    about: x\n    say: [TS]\n    risk: change\n    opens: {command: detail, within: 3d}\n"
	"    sql: SELECT outcome FROM f(:msisdn)\n    examples: [{text: TS}]\n" WORLD_REPLY
	"  detail:\n    about: x\n    risk: change\n    args: {text: {is: text}}\n    sql: SELECT outcome FROM f(:text)\n" WORLD_REPLY
	"  tell:\n    about: x\n    say: [TB]\n    args: {text: {is: text}}\n    risk: change\n"
	"    steps: [{arg: text, ask: {zh: 说吧, en: tell}}]\n    sql: SELECT outcome FROM f(:text)\n    examples: [{text: TB}]\n"
	WORLD_REPLY
	"  often:\n    about: x\n    say: [PC]\n    risk: query\n    limits: {per_subscriber: 2/hour}\n"
	"    sql: SELECT outcome FROM f(:msisdn)\n    examples: [{text: PC}]\n" WORLD_REPLY
	"  gold:\n    about: x\n    say: [TQ]\n    risk: query\n    who: {brands: [gotone]}\n    sql: SELECT outcome FROM f(:msisdn)\n"
	"    examples: [{text: TQ}]\n" WORLD_REPLY
	"  past:\n    about: x\n    say: [GQ]\n    risk: query\n    valid: {until: 2020-02-01}\n    sql: SELECT outcome FROM f(:msisdn)\n"
	"    examples: [{text: GQ}]\n" WORLD_REPLY
	"  track:\n    about: x\n    say: [\"CX {n}\"]\n    args: {n: {is: number}}\n    risk: query\n    sql: SELECT outcome FROM f(:n)\n"
	"    usage: {zh: 用法, en: usage}\n    examples: [{text: CX 5}]\n" WORLD_REPLY
	"  thanks:\n    about: x\n    say: [谢谢, 好的]\n    risk: query\n    chat: true\n    sql: SELECT outcome FROM f(:msisdn)\n"
	"    examples: [{text: 谢谢}]\n" WORLD_REPLY
	"answers:\n  unknown: {zh: 不懂, en: what}\n  error: {zh: 错, en: error}\n  declined: {zh: 不办, en: declined}\n"
	"  late: {zh: 晚了, en: late}\n  nothing_open: {zh: 没有, en: nothing}\n  changed: {zh: \"变了{{ask}}\", en: \"changed {{ask}}\"}\n"
	"  which: {zh: \"{{#no}}不要{{/no}}哪个{{#rows}}{{n}}.{{what}} {{/rows}}\", en: which}\n"
	"  menu: {zh: \"{{title}}{{#rows}}{{n}}{{what}}{{/rows}}{{#nested}}0{{/nested}}\", en: \"{{title}}\"}\n"
	"  retry: {zh: \"再来。{{ask}}\", en: \"again. {{ask}}\"}\n  gave_up: {zh: 算了吧, en: enough}\n  left: {zh: 走了, en: left}\n"
	"  offer: {zh: \"要么{{#rows}}{{n}}.{{what}} {{/rows}}\", en: offer}\n"
	"  ask_password: {zh: \"密码{{within}}\", en: password}\n  no_password: {zh: 没密码, en: none}\n"
	"  wrong_password: {zh: \"密码错{{left}}\", en: wrong}\n  ask_otp: {zh: \"码{{code}}\", en: \"code {{code}}\"}\n"
	"  wrong_otp: {zh: \"码错{{left}}\", en: wrong}\n  locked: {zh: \"锁到{{until}}\", en: locked}\n"
	"  not_for_you: {zh: 不给你, en: no}\n  not_now: {zh: 不是时候, en: not now}\n  too_many: {zh: \"太多{{until}}\", en: many}\n"
	"courtesy: {before: [请, 帮我, 好的], after: [谢谢, 吧, 一下, PLEASE]}\n";

/* What the database would say of the commands: each has a function by its name, quotes and orders know changes. */
static void world_bind(struct world *w, struct tables *tables, const char *suffix)
{
	static const char *columns[] = { "outcome", "price_version", "about" };
	static const char *outcomes[] = { "ok", "bad", "changed" };
	struct binding *list = arena_alloc(w->kept, tables->ncommands * sizeof(*list));
	struct problems problems = { .arena = w->kept };
	unsigned n = 0;

	for (unsigned i = 0; i < tables->ncommands; i++) {
		const struct command *c = tables->command[i];

		if (c->nchoices)
			continue;
		list[n++] = (struct binding){
			.command = c->id, .function = arena_printf(w->kept, "f_%s%s", c->id, suffix).ptr,
			.ncolumns = c->parent ? 2 : c->opens ? 3 : 1, .column = columns,
			.noutcomes = c->confirm ? 3 : 2, .outcome = outcomes,
		};
	}
	tables_bind(tables, list, n, &problems);
	if (problems.errors)
		problems_print(stderr, &problems);
	WORLD_CHECK(!problems.errors);
}

static struct tables *world_parse(struct world *w, const char *yaml, const char *suffix)
{
	struct source source = { "w.yaml", str_z(yaml) };
	struct problems problems = { .arena = w->kept };
	struct tables *tables = tables_parse(&source, 1, &problems);

	if (problems.errors)
		problems_print(stderr, &problems);
	WORLD_CHECK(!problems.errors);
	world_bind(w, tables, suffix);
	return tables;
}

/* Of the same tables, another customer. */
static inline void world_reset(struct world *w)
{
	*w = (struct world){
		.kept = w->kept, .arena = w->arena, .tables = w->tables, .vocabulary = w->vocabulary, .words = w->words,
		.now_us = INT64_C(1795336200) * 1000000,	/* 2026-11-22 */
		.brand = "gotone", .port = "10086", .outcome = "ok", .quote = "ok", .price = "7", .hash = "H", .password = "123456",
	};
	arena_reset(w->kept);
}

static void world_begin(struct world *w)
{
	struct err err;

	WORLD_CHECK(fold_init(&err) == 0);
	*w = (struct world){ .kept = arena_new(), .arena = arena_new(), .vocabulary = vocabulary_new() };
	vocabulary_add(w->vocabulary, STR("service"), STR("CAILING"), STR("CAILING"));
	vocabulary_add(w->vocabulary, STR("service"), STR("彩铃"), STR("CAILING"));
	vocabulary_add(w->vocabulary, STR("service"), STR("LDXS"), STR("LDXS"));
	vocabulary_add(w->vocabulary, STR("service"), STR("SJB"), STR("SJB"));
	w->words = nearest_words_new(w->vocabulary);
	w->tables = world_parse(w, world_yaml, "_1");
	w->tables->version = 1;
	world_reset(w);
}

static inline void world_end(struct world *w)
{
	tables_unref(&w->tables);
	nearest_words_free(&w->words);
	vocabulary_unref(&w->vocabulary);
	arena_free(&w->arena);
	arena_free(&w->kept);
}

/* A row as the command's SQL would give it. */
static PGresult *world_row(const struct world *w, const struct command *command)
{
	PGresult *res = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc att[4] = { 0 };
	const char *outcome = command->parent ? w->quote : !command->confirm && !strcmp(w->outcome, "changed") ? "ok" : w->outcome;

	for (unsigned i = 0; i < command->ncolumns; i++)
		att[i] = (PGresAttDesc){ .name = (char *)command->column[i], .typid = 25, .typlen = -1, .atttypmod = -1 };
	WORLD_CHECK(PQsetResultAttrs(res, command->ncolumns, att));
	for (unsigned i = 0; i < command->ncolumns; i++) {
		const char *name = command->column[i];
		const char *value = !strcmp(name, "outcome") ? outcome : !strcmp(name, "price_version") ? w->price : "hall7";

		WORLD_CHECK(PQsetvalue(res, 0, i, (char *)value, strlen(value)));
	}
	return res;
}

static bool world_is_open(const struct world *w, const struct dialogue *d)
{
	return d->until_us > w->now_us && d->tables;
}

/* Nothing that must be confirmed runs without its own open question; nothing that needs a secret without a right one. */
static void world_check_run(const struct world *w, const struct talk_input *in, const struct talk *talk, bool proved)
{
	const struct command *c = talk->match.command;
	const struct dialogue *d = talk->answers;

	WORLD_CHECK(talk->act == TALK_RUN || c->confirm);
	if (talk->act == TALK_RUN && c->confirm) {
		struct match match = { .command = c };
		bool closed = false;

		WORLD_CHECK(d && d->kind == DIALOGUE_CONFIRM && world_is_open(w, d) && !in->context->asks);
		WORLD_CHECK(talk->result && !strcmp(talk->result, "accepted") && str_eqz(d->function, c->function));
		WORLD_CHECK(str_starts(d->port, in->port) || str_starts(in->port, d->port));
		slots_get_args(&d->slots, &match);
		for (unsigned k = 0; k < c->nargs; k++)
			WORLD_CHECK(str_eq(match.arg[k], talk->match.arg[k]));
		for (unsigned i = 0; i < talk->ncloses; i++)
			closed |= talk->closes[i] == d;
		WORLD_CHECK(closed);
	} else if (c->need && !talk->result) {	/* asked anew, at another price: it was proved before */
		WORLD_CHECK(proved && w->lock_until_us <= w->now_us);
	}
	if (c->audience && talk->answers == NULL && talk->act == TALK_RUN)
		WORLD_CHECK(!strcmp(w->brand, "gotone"));
}

static void world_run(struct world *w, const struct talk_input *in, struct talk *talk, bool proved)
{
	const struct command *c = talk_command(talk);
	struct match match = talk->match;
	size_t at = strlen(w->ran);
	PGresult *res = world_row(w, c);
	struct err err;

	world_check_run(w, in, talk, proved);
	if (talk->act == TALK_RUN) {
		const char *value[PARAMS_MAX];
		struct param_input p = { .match = &match, .msisdn = in->msisdn, .port = in->port, .now = in->now_text, .mo_id = in->id,
					 .quoted = &talk->quoted, .hash_new = in->proof ? in->proof->hash_new : NULL };

		w->runs++;
		reply_params(&p, w->arena, value);
		at += snprintf(w->ran + at, sizeof(w->ran) - at, "%s%s", at ? " " : "", c->id);
		for (unsigned k = 0; k < c->nparams && at < sizeof(w->ran); k++)
			if (c->param[k].source == PARAM_ARG || c->param[k].source == PARAM_ASKED)
				at += snprintf(w->ran + at, sizeof(w->ran) - at, " %s", value[k] ? value[k] : "-");
	}
	WORLD_CHECK(talk_result(in, talk, res, &err) == 0);
	PQclear(res);
}

/* As hall.mo counts: the same in vain, and texts in a row that no command answered. */
static void world_recent(const struct world *w, const struct talk_input *in, struct talk *talk)
{
	unsigned same = 0, streak = 0;
	bool unbroken = true;

	for (unsigned i = w->ntexts; i-- > 0; ) {
		unbroken &= !w->text[i].command;
		streak += unbroken;
		same += !w->text[i].command && str_eqz(talk->match.redacted, w->text[i].folded);
	}
	talk_recent(in, talk, same, streak);
}

static void world_keep_text(struct world *w, const struct talk *talk)
{
	if (w->ntexts == WORLD_TEXTS)
		memmove(w->text, w->text + 1, --w->ntexts * sizeof(*w->text));
	snprintf(w->text[w->ntexts].folded, sizeof(w->text[0].folded), "%.*s", STR_ARG(talk->match.redacted));
	w->text[w->ntexts++].command = talk->match.command && !str_eqz(talk->reply.outcome, "chat") &&
				       !str_eqz(talk->reply.outcome, "usage");
}

static void world_note_evidence(struct world *w, const struct talk *talk, const struct dialogue *d)
{
	size_t at = strlen(w->evidence);
	const char *result = d == talk->answers ? talk->result : "replaced";

	WORLD_CHECK(result);
	snprintf(w->evidence + at, sizeof(w->evidence) - at, "%s%s%s%.*s", at ? " " : "", result,
		 d == talk->answers && talk->command_said ? ":" : "",
		 d == talk->answers && talk->command_said ? (int)talk->reply.outcome.len : 0, talk->reply.outcome.ptr);
}

/* As rows of hall.dialogue, with the state as one run of bytes. */
static void world_keep(struct world *w, const struct talk_input *in, const struct talk *talk)
{
	struct dialogue list[WORLD_DIALOGUES];
	const struct question *q = talk->opens;
	unsigned n = 0;

	if (q) {
		struct str text = q->kind == DIALOGUE_OTP ? STR("") : q->text.ptr ? q->text : talk->reply.text;

		WORLD_CHECK(!!q->command == (q->kind != DIALOGUE_OFFER && q->kind != DIALOGUE_WHICH));
		WORLD_CHECK(q->until_us > w->now_us);
		list[n++] = (struct dialogue){
			.at_us = in->at_us, .id = *in->id, .kind = q->kind, .port = arena_str(w->kept, in->port),
			.until_us = q->until_us, .command_id = q->command ? str_z(q->command->id) : STR("-"),
			.function = q->command ? str_z(q->command->function) : (struct str){ 0 },
			.version = talk->tables->version, .question = arena_str(w->kept, text), .tries = q->tries,
			.slots = slots_decode(w->kept, slots_encode(&q->slots, w->arena)),
			.tables = talk->tables, .command = q->command,
		};
	}
	for (unsigned i = 0; i < talk->ncloses; i++) {
		WORLD_CHECK(talk->closes[i] >= w->dialogue && talk->closes[i] < w->dialogue + w->n);
		if (talk->closes[i]->kind == DIALOGUE_CONFIRM)
			world_note_evidence(w, talk, talk->closes[i]);
	}
	for (unsigned i = 0; i < w->n; i++) {
		bool gone = false;

		for (unsigned k = 0; k < talk->ncloses; k++)
			gone |= talk->closes[k] == &w->dialogue[i];
		WORLD_CHECK(gone || n < WORLD_DIALOGUES);
		if (!gone)
			list[n++] = w->dialogue[i];
	}
	memcpy(w->dialogue, list, n * sizeof(*list));
	w->n = n;
}

static void world_check_talk(const struct talk *talk)
{
	WORLD_CHECK(talk->reply.outcome.len > 0);
	WORLD_CHECK(talk->silent ? talk->reply.text.len == 0 && !talk->opens : talk->reply.text.len > 0 && talk->reply.segments > 0);
	WORLD_CHECK(fold_utf8_ok(talk->reply.text) && fold_utf8_ok(talk->match.redacted));
	WORLD_CHECK(!talk->answers || (talk->answers->kind == DIALOGUE_CONFIRM) == !!talk->result);
}

static void world_check_dialogues(const struct world *w)
{
	unsigned n[DIALOGUE_KINDS] = { 0 };

	for (unsigned i = 0; i < w->n; i++)
		n[w->dialogue[i].kind]++;
	WORLD_CHECK(n[DIALOGUE_CONFIRM] <= 6 && n[DIALOGUE_OPENS] <= 2);
	WORLD_CHECK(n[DIALOGUE_MENU] + n[DIALOGUE_STEP] + n[DIALOGUE_PASSWORD] + n[DIALOGUE_OTP] + n[DIALOGUE_OFFER] +
		    n[DIALOGUE_WHICH] <= 1);
}

/* A password that was asked for is not kept, whatever came of it. */
static void world_check_hidden(const struct world *w, const struct talk_input *in, const struct talk *talk)
{
	bool awaited = false;

	for (unsigned i = 0; i < w->n; i++)
		awaited |= w->dialogue[i].kind == DIALOGUE_PASSWORD && world_is_open(w, &w->dialogue[i]);
	if (awaited && str_eqz(in->folded, w->password))
		WORLD_CHECK(talk->match.secret && !memmem(talk->match.redacted.ptr, talk->match.redacted.len, w->password,
							  strlen(w->password)));
}

static void world_prove(struct world *w, const struct talk *talk, struct proof *proof)
{
	WORLD_CHECK(++w->proofs < 4);
	snprintf(proof->hash, sizeof(proof->hash), "%.*s", STR_ARG(talk->hash));
	proof->right = str_eqz(talk->secret, w->password);
	if (talk->new_secret.ptr)
		snprintf(proof->hash_new, sizeof(proof->hash_new), "hash-of-%.*s", STR_ARG(talk->new_secret));
}

static void world_take_secret(struct world *w, const struct talk *talk)
{
	if (talk->wrong < 0) {
		w->times = 0;
		w->lock_until_us = 0;
	} else if (talk->wrong) {
		w->times = talk->wrong_times;
		w->lock_until_us = talk->lock_until_us;
	}
	if (talk->code.ptr) {
		WORLD_CHECK(talk->code.len == 6 && memmem(talk->reply.text.ptr, talk->reply.text.len, talk->code.ptr, 6));
		snprintf(w->code, sizeof(w->code), "%.*s", STR_ARG(talk->code));
	}
}

/* One text through the engine.  True when an answer was made or there is to be none; what came of it is in w. */
static void world_hear(struct world *w, const char *text)
{
	struct proof proof = { 0 };
	struct uuid *id = arena_alloc(w->kept, sizeof(*id));
	struct str raw = str_z(text);
	struct match_context context = {
		.vocabulary = w->vocabulary, .port = str_z(w->port), .province = STR("js"), .brand = str_z(w->brand),
		.now = w->now_us / 1000000, .asks = match_asks(raw),
	};
	bool proved = false;

	arena_reset(w->arena);
	*id = uuid_v7();
	w->ran[0] = w->evidence[0] = '\0';
	w->runs = w->proofs = 0;
	struct talk_input in = {
		.tables = w->tables, .context = &context, .arena = w->arena, .words = w->words, .whole = raw, .folded = fold_text(w->arena, raw),
		.msisdn = STR("13700000016"), .port = str_z(w->port), .now_text = STR("2026-11-22 00:00:00+00"), .id = id,
		.at_us = w->now_us / 1000000 * 1000000, .now_us = w->now_us, .lang = w->lang, .ndialogues = w->n,
		.dialogue = w->dialogue,
	};
	struct talk *talk = &w->talk;
	talk_hear(&in, talk);
	for (unsigned round = 0; talk->act != TALK_DONE; round++) {
		WORLD_CHECK(round < 12);
		switch (talk->act) {
		case TALK_COUNT: talk_counted(&in, talk, w->count, w->now_us - 1000000); break;
		case TALK_SECRET:
			talk_secret(&in, talk, str_z(w->hash), w->times, w->lock_until_us);
			proved |= talk->act != TALK_DONE && talk->act != TALK_PROVE && w->lock_until_us <= w->now_us &&
				  (talk->match.command->need == NEED_OTP || str_eqz(talk->secret, w->password));
			break;
		case TALK_PROVE:
			world_prove(w, talk, &proof);
			in.proof = &proof;
			talk_hear(&in, talk);
			break;
		case TALK_RECENT: world_recent(w, &in, talk); break;
		default: world_run(w, &in, talk, proved); break;
		}
	}
	WORLD_CHECK(w->runs <= 1);
	world_check_hidden(w, &in, talk);
	world_take_secret(w, talk);
	world_keep_text(w, talk);
	world_check_talk(talk);
	world_keep(w, &in, talk);
	world_check_dialogues(w);
	w->now_us += 1000000;
}
