/* check - what can only be said of all tables together, or needs the matcher: templates' syntax
 * and length, arguments that nothing names or uses, examples, tips, answers.  Called by
 * tables_parse(). */
#include <time.h>

#include "table/parse.h"
#include "text/fold.h"
#include "text/segment.h"
#include "text/template_names.h"

enum { LONG_WARN = 4, LONG_ERROR = 8 };	/* segments */

static const char *const fixed_names[] = { "msisdn", "now", "port" };
enum { FIXED = sizeof(fixed_names) / sizeof(*fixed_names) };

struct checking {
	struct tables_own *own;
	struct tables *tables;
	struct problems *problems;
	struct arena *scratch;
};

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
	private_compile(c->tables, arena, text, fixed_names, FIXED, c->problems);
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
		if (!(own->used & 1u << k) && command->sql)
			problem_add(c->problems, PROBLEM_ERROR, arg->place,
				    "the argument '%s' is bound nowhere (write :%s in the SQL, or"
				    " remove it)", arg->name, arg->name);
	}
}

static void check_commands(struct checking *c)
{
	for (unsigned i = 0; i < c->tables->ncommands; i++) {
		struct command *command = c->tables->command[i];
		struct text2 usage = command->usage;	/* bound later, among more names */

		for (unsigned k = 0; k < command->noutcomes; k++)
			check_reply(c, command, c->own->own[i], &command->outcome[k].text);
		check_text(c, c->scratch, &usage);
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
	if (expects(example, "unknown"))
		return match->kind == MATCH_NONE;
	return match->command == example->command &&
	       match->kind == (expects(example, "usage") ? MATCH_USAGE : MATCH_COMMAND);
}

static void check_expect(struct checking *c, const struct example *example,
			 const struct yaml_node *node)
{
	const struct command *command = example->command;
	const char *names[OUTCOMES_MAX + 2], *near;
	unsigned n = 0;

	if (!example->expect || expects(example, "usage") || expects(example, "unknown") ||
	    command_outcome(command, str_z(example->expect)))
		return;
	for (unsigned i = 0; i < command->noutcomes; i++)
		names[n++] = command->outcome[i].name;
	names[n++] = "usage";
	names[n++] = "unknown";
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

static void check_answers(struct checking *c, const char *file)
{
	static const char *const required[] = { "unknown", "error" };

	for (unsigned i = 0; i < c->tables->nanswers; i++)
		check_text(c, c->tables->arena, &c->tables->answer[i].text);
	for (unsigned i = 0; i < 2; i++) {
		unsigned k = 0;

		while (k < c->tables->nanswers && strcmp(c->tables->answer[k].name, required[i]))
			k++;
		if (k == c->tables->nanswers)
			problem_add(c->problems, PROBLEM_ERROR, (struct place){ file, 1, 1 },
				    "no file has the answer '%s' (add it to answers)", required[i]);
	}
}

void check_tables(struct tables_own *own, const char *file, struct problems *problems)
{
	struct checking c = { own, &own->tables, problems, arena_new() };

	check_commands(&c);
	for (unsigned i = 0; i < own->tables.ncommands; i++)
		check_repeat(own, own->tables.command[i], problems);
	check_examples(&c);
	check_tips(&c);
	check_answers(&c, file);
	arena_free(&c.scratch);
}
