/* check - what can only be said of all tables together, or needs the matcher: templates' syntax
 * and length, arguments that nothing names or uses, examples, tips, answers.  Called by
 * tables_parse(). */
#include <time.h>

#include "table/parse.h"
#include "text/fold.h"
#include "text/segment.h"
#include "text/template_names.h"

enum { LONG_WARN = 4, LONG_ERROR = 8 };	/* segments */

enum { FIXED = 3 };	/* msisdn, now, port */

struct checking {
	struct tables_own *own;
	struct tables *tables;
	struct problems *problems;
	struct arena *scratch;
};

/* What the engine itself says (hall.engine_outcomes() too): no command has a reply for it. */
static const char *const engine_outcomes[] = {
	"confirm", "step", "menu", "need_password", "need_otp", "declined", "late", "nothing_open", "left", "retry",
	"gave_up", "which_order", "offer", "locked", "wrong_password", "wrong_otp", "no_password", "not_for_you", "not_now",
	"too_many", "usage", "unknown", "silent", "blocked", "repeated", "chat", "error",
};
enum { ENGINE_OUTCOMES = sizeof(engine_outcomes) / sizeof(*engine_outcomes) };

bool check_engine_outcome(const char *name)
{
	for (unsigned i = 0; i < ENGINE_OUTCOMES; i++)
		if (!strcmp(name, engine_outcomes[i]))
			return true;
	return false;
}

static struct str no_value(void *arg, unsigned row, unsigned column)
{
	(void)arg;
	(void)row;
	(void)column;
	return (struct str){ 0 };
}

/* What is long before any value is filled in will be cut. */
static void check_length(struct checking *c, const struct text2 *text, int lang)
{
	struct template_data data = { .get = no_value, .lang = lang_name(lang) };
	struct buf out = { 0 };
	unsigned n;

	if (!text->template[lang])
		return;
	template_render(text->template[lang], &data, &out);
	n = segment_count(buf_get(&out));
	buf_free(&out);
	if (n > LONG_ERROR)
		problem_add(c->problems, PROBLEM_ERROR, text->place[lang],
			    "too long: without any value it has %u segments already, at most %d are"
			    " allowed (shorten it)", n, LONG_ERROR);
	else if (n > LONG_WARN)
		problem_add(c->problems, PROBLEM_WARNING, text->place[lang],
			    "long: without any value it has %u segments already (shorten it)", n);
}

static void note_used(const struct command *command, struct command_own *own, const char *name)
{
	for (unsigned k = 0; k < command->nargs; k++)
		if (!strcmp(command->arg[k].name, name))
			own->used |= 1u << k;
}

/* The columns are known only after the database was asked: each name is taken for one. */
static void check_reply(struct checking *c, const struct command *command, struct command_own *own,
			struct text2 *text)
{
	for (int lang = 0; lang < LANGS; lang++) {
		struct text2 one = { 0 };
		unsigned n;
		const char **names;

		if (!text->source[lang].ptr)
			continue;
		names = template_names(c->scratch, text->source[lang], &n);
		for (unsigned i = 0; i < n; i++)
			note_used(command, own, names[i]);
		one.source[lang] = text->source[lang];
		one.place[lang] = text->place[lang];
		private_compile(c->tables, c->scratch, &one, names, n, c->problems);
		check_length(c, &one, lang);
	}
}

/* Of texts whose names are known. */
static void check_text(struct checking *c, struct arena *arena, struct text2 *text)
{
	private_compile(c->tables, arena, text, answer_names, FIXED, c->problems);
	for (int lang = 0; lang < LANGS; lang++)
		check_length(c, text, lang);
}

static void check_args(struct checking *c, const struct command *command,
		       const struct command_own *own)
{
	for (unsigned k = 0; k < command->nargs; k++) {
		const struct command_arg *arg = &command->arg[k];

		if (!(own->named & 1u << k) && !own->broken)
			problem_add(c->problems, PROBLEM_ERROR, arg->place,
				    "no wording or pattern names the argument '%s' (write {%s} in"
				    " say, or remove it)", arg->name, arg->name);
		/* A password is for the engine alone. */
		if (!(own->used & 1u << k) && command->sql && strcmp(arg->kind_name, "password") != 0)
			problem_add(c->problems, PROBLEM_ERROR, arg->place,
				    "the argument '%s' is bound nowhere (write :%s in the SQL, or"
				    " remove it)", arg->name, arg->name);
	}
}

/* What a command asks. */
static void check_questions(struct checking *c, struct command *command, struct command_own *own)
{
	struct arena *arena = c->tables->arena;

	for (unsigned i = 0; i < command->nsteps; i++) {
		check_text(c, arena, &command->step[i].ask);
		check_text(c, arena, &command->step[i].retry);
	}
	check_text(c, arena, &command->title);
	for (unsigned i = 0; i < command->nchoices; i++)
		check_text(c, arena, &command->choice[i].label);
	if (command->confirm)
		check_reply(c, command, own, &command->confirm->ask);
}

static void check_wordings(struct checking *c, const struct command *command, const struct command_own *own)
{
	if (own->silent && !own->led_to && !own->quote)
		problem_add(c->problems, PROBLEM_ERROR, command->place,
			    "a command needs wordings (add say, or match), or another command that leads to it");
}

static void check_commands(struct checking *c)
{
	for (unsigned i = 0; i < c->tables->ncommands; i++) {
		struct command *command = c->tables->command[i];
		struct text2 usage = command->usage;	/* bound later, among more names */

		for (unsigned k = 0; k < command->noutcomes; k++)
			check_reply(c, command, c->own->own[i], &command->outcome[k].text);
		check_text(c, c->scratch, &usage);
		check_questions(c, command, c->own->own[i]);
		check_wordings(c, command, c->own->own[i]);
		if (!command->parent)
			check_args(c, command, c->own->own[i]);
		arena_reset(c->scratch);
	}
}

/* Examples. */

static bool expects(const struct example *example, const char *what)
{
	return example->expect && !strcmp(example->expect, what);
}

static bool as_expected(const struct example *example, const struct match *match)
{
	if (expects(example, "unknown") || expects(example, "offer"))
		return match->kind == MATCH_NONE;
	if (expects(example, "not_for_you") || expects(example, "not_now"))
		return match->command == example->command;	/* whoever asks, and whenever: nobody is known here */
	if (match->command == example->command && match->kind == MATCH_USAGE && example->command->nsteps)
		return true;
	return match->command == example->command &&
	       match->kind == (expects(example, "usage") ? MATCH_USAGE : MATCH_COMMAND);
}

static void check_expect(struct checking *c, const struct example *example,
			 const struct yaml_node *node)
{
	const struct command *command = example->command;
	const char *names[OUTCOMES_MAX + ENGINE_OUTCOMES], *near;
	unsigned n = 0;

	if (!example->expect || example->nanswers || command_outcome(command, str_z(example->expect)))
		return;		/* an answer may lead to another command */
	if (check_engine_outcome(example->expect))
		return;
	for (unsigned i = 0; i < command->noutcomes; i++)
		names[n++] = command->outcome[i].name;
	for (unsigned i = 0; i < ENGINE_OUTCOMES; i++)
		names[n++] = engine_outcomes[i];
	near = schema_near(str_z(example->expect), names, n);
	problem_add(c->problems, PROBLEM_ERROR,
		    (struct place){ example->place.file, node->line, node->column },
		    "'%s' is no outcome with a reply%s", example->expect,
		    schema_hint(c->scratch, near, "expect one of the replies, usage or unknown"));
}

static const char *reached(struct checking *c, const struct match *match)
{
	const char *id = match->command ? match->command->id : "";
	const char *wording = match->wording ? private_shown(c->scratch, match->wording) : "";

	switch (match->kind) {
	case MATCH_COMMAND:
		return arena_printf(c->scratch, "reaches %s instead, by '%s'", id, wording).ptr;
	case MATCH_USAGE:
		return arena_printf(c->scratch, "reaches only the usage text of %s, by '%s'", id,
				    wording).ptr;
	default:
		return "is not understood by any command";
	}
}

/* Without the vocabulary it cannot be known whether {arg!} takes a word: both are tried, and
 * only what neither explains is wrong. */
static void check_example(struct checking *c, const struct example *example,
			  const struct yaml_node *node)
{
	const struct command *const tries[] = { example->command, NULL };
	const struct table *table = c->own->own[example->command->index]->table;
	struct match_context context = {
		.port = example->to ? str_z(example->to) : table->port[0],
		.province = example->command->province,
		.anybody = true,
		.anytime = true,
		.now = time(NULL),
		.asks = match_asks(str_z(example->text)),
	};
	struct match match;

	for (unsigned i = 0; i < 2; i++) {
		match_trusting(c->tables, &context, tries[i], c->scratch,
			       fold_text(c->scratch, str_z(example->text)), &match);
		if (as_expected(example, &match))
			return;
	}
	problem_add(c->problems, PROBLEM_ERROR,
		    (struct place){ example->place.file, node->line, node->column },
		    "the example '%s' %s", example->text, reached(c, &match));
}

static void check_examples(struct checking *c)
{
	for (unsigned i = 0; i < c->tables->nexamples; i++) {
		const struct example *example = &c->tables->example[i];
		const struct command_own *own = c->own->own[example->command->index];
		const struct example_node *node = &c->own->example[i];

		if (node->expect)
			check_expect(c, example, node->expect);
		if (!own->broken && own->table->nports)
			check_example(c, example, node->text);
		arena_reset(c->scratch);
	}
}

/* Tips and answers. */

static void check_tip_used(struct checking *c, const struct tip *tip, const struct map *groups)
{
	for (unsigned k = 0; k < tip->nfor; k++)
		if (map_get(groups, str_z(tip->for_group[k])))
			return;
	problem_add(c->problems, PROBLEM_WARNING, tip->place,
		    "no command has a group of the tip '%s': it is never shown", tip->name);
}

static void check_tip_measured(struct checking *c, const struct tip *tip)
{
	if (tip->steers && (tip->control == 0 || tip->control == 100))
		problem_add(c->problems, PROBLEM_WARNING, tip->place,
			    "the tip '%s' steers to '%s', but %s: what it brings cannot be told (add control: 10%%)",
			    tip->name, tip->steers, tip->control ? "nobody sees it" : "everybody sees it");
}

static void check_tips(struct checking *c)
{
	struct map *wanted = map_new(), *served = map_new();

	for (unsigned i = 0; i < c->tables->ncommands; i++)
		if (c->tables->command[i]->tip)
			map_put(wanted, str_z(c->tables->command[i]->tip), c);
	for (unsigned i = 0; i < c->tables->ntips; i++) {
		struct tip *tip = c->tables->tip[i];

		check_text(c, c->tables->arena, &tip->text);
		check_tip_used(c, tip, wanted);
		check_tip_measured(c, tip);
		for (unsigned k = 0; k < tip->nfor; k++)
			map_put(served, str_z(tip->for_group[k]), tip);
	}
	for (unsigned i = 0; i < c->tables->ncommands; i++) {
		const char *group = c->tables->command[i]->tip;

		if (group && !map_get(served, str_z(group)))
			problem_add(c->problems, PROBLEM_WARNING, c->own->own[i]->tip_place,
				    "no tip is for the group '%s'", group);
	}
	map_free(&wanted);
	map_free(&served);
}

static bool has_answer(const struct tables *t, const char *name)
{
	for (unsigned i = 0; i < t->nanswers; i++)
		if (!strcmp(t->answer[i].name, name))
			return true;
	return false;
}

/* Which of the engine's texts the commands need. */
static bool needs_answer(const struct tables *t, const char *name)
{
	static const struct { const char *name; char need; } list[] = {
		{ "unknown", 'a' }, { "error", 'a' },
		{ "declined", 'c' }, { "late", 'c' }, { "nothing_open", 'c' }, { "changed", 'c' }, { "which", 'c' },
		{ "menu", 'm' }, { "retry", 'q' }, { "gave_up", 'q' }, { "left", 'q' },
		{ "ask_password", 'p' }, { "no_password", 'p' }, { "wrong_password", 'p' },
		{ "ask_otp", 'o' }, { "wrong_otp", 'o' }, { "locked", 's' },
		{ "not_for_you", 'w' }, { "not_now", 'w' }, { "too_many", 'r' },
	};
	char need = 0;

	for (unsigned i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (!strcmp(list[i].name, name))
			need = list[i].need;
	for (unsigned i = 0; i < t->ncommands; i++) {
		const struct command *c = t->command[i];

		if ((need == 'c' && c->confirm) || (need == 'm' && c->nchoices) ||
		    (need == 'q' && (c->nchoices || c->nsteps || c->opens)) ||
		    (need == 'p' && c->need == NEED_PASSWORD) || (need == 'o' && c->need == NEED_OTP) ||
		    (need == 's' && c->need) || (need == 'w' && c->audience) || (need == 'r' && c->rate_n))
			return true;
	}
	return need == 'a';
}

static void check_answers(struct checking *c, const char *file)
{
	static const char *const names[] = {
		"unknown", "error", "declined", "late", "nothing_open", "changed", "which", "menu", "retry", "gave_up", "left",
		"ask_password", "no_password", "wrong_password", "ask_otp", "wrong_otp", "locked", "not_for_you", "not_now",
		"too_many", "offer",
	};
	enum { NAMES = sizeof(names) / sizeof(*names) };

	for (unsigned i = 0; i < c->tables->nanswers; i++) {
		struct answer *answer = &c->tables->answer[i];
		unsigned k = 0;

		while (k < NAMES && strcmp(names[k], answer->name) != 0)
			k++;
		if (k == NAMES)
			problem_add(c->problems, PROBLEM_ERROR, answer->place, "the engine has no answer '%s'%s", answer->name,
				    schema_hint(c->scratch, schema_near(str_z(answer->name), names, NAMES),
						" (remove it; commands/README.md lists them)"));
		private_compile(c->tables, c->tables->arena, &answer->text, answer_names, ANSWER_VALUES, c->problems);
		for (int lang = 0; lang < LANGS; lang++)
			check_length(c, &answer->text, lang);
	}
	for (unsigned i = 0; i < NAMES; i++)
		if (needs_answer(c->tables, names[i]) && !has_answer(c->tables, names[i]))
			problem_add(c->problems, PROBLEM_ERROR, (struct place){ file, 1, 1 },
				    "no file has the answer '%s' (add it to answers)", names[i]);
}

void check_tables(struct tables_own *own, const char *file, struct problems *problems)
{
	struct checking c = { own, &own->tables, problems, arena_new() };

	for (unsigned i = 0; i < own->tables.ncommands; i++)
		check_dialogue(own, own->tables.command[i], problems);
	check_commands(&c);
	for (unsigned i = 0; i < own->tables.ncommands; i++)
		check_repeat(own, own->tables.command[i], problems);
	check_examples(&c);
	check_tips(&c);
	check_answers(&c, file);
	arena_free(&c.scratch);
}
