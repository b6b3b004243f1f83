/* parse_dialogue - what a command asks its customer: confirm, steps, menu, opens, needs.  What one command says of
 * another is settled by check_dialogue(), when all files are read. */
#include <stdlib.h>

#include "table/parse.h"
#include "text/fold.h"

enum { CONFIRM_S = 24 * 3600, QUESTION_S = 600, WITHIN_MAX_DAYS = 30 };

static const struct field confirm_fields[] = {
	{ "sql", FIELD_TEXT, true }, { "ask", FIELD_MAPPING, true }, { "accept", FIELD_LIST },
	{ "decline", FIELD_LIST }, { "within", FIELD_TEXT }, { NULL },
};
static const struct field step_fields[] = {
	{ "arg", FIELD_TEXT, true }, { "ask", FIELD_MAPPING, true }, { "retry", FIELD_MAPPING }, { NULL },
};
static const struct field menu_fields[] = {
	{ "title", FIELD_MAPPING, true }, { "choices", FIELD_LIST, true }, { NULL },
};
static const struct field choice_fields[] = {
	{ "label", FIELD_MAPPING, true }, { "runs", FIELD_TEXT, true }, { "with", FIELD_MAPPING }, { NULL },
};
static const struct field opens_fields[] = {
	{ "command", FIELD_TEXT, true }, { "on", FIELD_LIST }, { "within", FIELD_TEXT }, { "with", FIELD_MAPPING },
	{ NULL },
};

unsigned parse_span(const struct schema *schema, const struct yaml_node *node, unsigned days_max, unsigned fallback)
{
	char *end;
	unsigned long n, unit;

	if (!node)
		return fallback;
	n = strtoul(node->value.ptr, &end, 10);
	unit = !strcmp(end, "s") ? 1 : !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 :
	       !strcmp(end, "d") ? 24 * 3600 : 0;
	if (str_digits(str_n(node->value.ptr, node->value.len ? 1 : 0)) && unit && n >= 1 && n <= days_max * 24 * 3600 / unit)
		return n * unit;
	schema_error(schema, node, "'%s' must be from 1s to %ud, as 10m, 24h or 3d", node->key.ptr, days_max);
	return fallback;
}

unsigned parse_within(const struct schema *schema, const struct yaml_node *node, unsigned fallback)
{
	return parse_span(schema, node, WITHIN_MAX_DAYS, fallback);
}

static unsigned parse_words(struct parse *p, const struct yaml_node *list, struct str **out_r)
{
	struct arena *arena = p->schema.arena;
	struct phrase *words;
	unsigned n = parse_phrases(p, list, &words);

	*out_r = arena_alloc(arena, (n + 1) * sizeof(**out_r));
	for (unsigned i = 0; i < n; i++)
		(*out_r)[i] = fold_squeeze(arena, fold_text(arena, str_z(words[i].text)));
	return n;
}

/* The question's SQL, as a command of its own: it is verified, made a function of and run as any other. */
static struct command *add_quote(struct command_parse *c, const struct yaml_node *node)
{
	struct arena *arena = c->p->schema.arena;
	struct command *parent = c->command;
	struct command_parse quote = { .p = c->p };

	quote.command = parse_add_command(c->p, &quote.own);
	quote.command->table = parent->table;
	quote.command->name = arena_printf(arena, "%s.confirm", parent->name).ptr;
	quote.command->id = arena_printf(arena, "%s.confirm", parent->id).ptr;
	quote.command->about = parent->about;
	quote.command->province = parent->province;
	quote.command->place = schema_key_place(&c->p->schema, node);
	quote.command->parent = parent;
	quote.command->nargs = parent->nargs;
	quote.command->arg = parent->arg;
	quote.command->timeout_ms = 2000;
	quote.command->rows = 20;
	quote.command->outcome_column = quote.command->lang_column = quote.command->price_column = -1;
	quote.own->quote = true;
	parse_sql(&quote, schema_get(node, "sql", YAML_SCALAR));
	c->own->used |= quote.own->used;
	return quote.command;
}

static void parse_confirm(struct command_parse *c, const struct yaml_node *node)
{
	const struct schema *schema = &c->p->schema;
	const struct yaml_node *ask = schema_get(node, "ask", YAML_MAPPING);
	struct confirm *confirm;

	if (!node)
		return;
	schema_check(schema, node, confirm_fields, "'confirm'");
	confirm = arena_alloc(schema->arena, sizeof(*confirm));
	confirm->place = schema_key_place(schema, node);
	if (ask)
		parse_text2(c->p, ask, &confirm->ask);
	confirm->naccept = parse_words(c->p, schema_get(node, "accept", YAML_SEQUENCE), &confirm->accept);
	confirm->ndecline = parse_words(c->p, schema_get(node, "decline", YAML_SEQUENCE), &confirm->decline);
	confirm->within_s = parse_within(schema, schema_get(node, "within", YAML_SCALAR), CONFIRM_S);
	c->command->confirm = confirm;
	confirm->quote = add_quote(c, node);
}

static int find_arg(const struct command *command, const char *name)
{
	for (unsigned k = 0; name && k < command->nargs; k++)
		if (!strcmp(command->arg[k].name, name))
			return (int)k;
	return -1;
}

static void parse_step(struct command_parse *c, const struct yaml_node *node)
{
	const struct schema *schema = &c->p->schema;
	struct step *step = &c->command->step[c->command->nsteps];
	const struct yaml_node *ask = schema_get(node, "ask", YAML_MAPPING),
			       *retry = schema_get(node, "retry", YAML_MAPPING);
	const char *name = schema_text(node, "arg");
	int arg = find_arg(c->command, name);

	schema_check(schema, node, step_fields, "a step");
	step->place = schema_place(schema, node);
	if (name && arg < 0)
		schema_error(schema, yaml_get(node, "arg"), "the step asks for '%s', which is no argument (add it to args)",
			     name);
	if (arg < 0)
		return;
	step->arg = arg;
	c->own->named |= 1u << arg;
	if (ask)
		parse_text2(c->p, ask, &step->ask);
	if (retry)
		parse_text2(c->p, retry, &step->retry);
	c->command->nsteps++;
}

static unsigned parse_with(struct command_parse *c, const struct yaml_node *node, struct with **out_r)
{
	const struct schema *schema = &c->p->schema;
	unsigned n = 0;

	*out_r = NULL;
	if (!node)
		return 0;
	*out_r = arena_alloc(schema->arena, (node->n + 1) * sizeof(**out_r));
	for (const struct yaml_node *e = node->child; e; e = e->next) {
		if (e->kind != YAML_SCALAR || !e->value.len) {
			schema_error(schema, e, "'with' gives each argument one value");
			continue;
		}
		(*out_r)[n++] = (struct with){ e->key.ptr, e->value.ptr, 0, schema_key_place(schema, e) };
	}
	return n;
}

static void parse_choice(struct command_parse *c, const struct yaml_node *node)
{
	const struct schema *schema = &c->p->schema;
	struct choice *choice = &c->command->choice[c->command->nchoices];
	const struct yaml_node *label = schema_get(node, "label", YAML_MAPPING);

	schema_check(schema, node, choice_fields, "a choice");
	if (c->command->nchoices == CHOICES_MAX) {
		schema_error(schema, node, "a menu may have at most %d choices (make a menu of some)", CHOICES_MAX);
		return;
	}
	choice->place = schema_place(schema, node);
	choice->runs = schema_text(node, "runs");
	if (label)
		parse_text2(c->p, label, &choice->label);
	choice->nwith = parse_with(c, schema_get(node, "with", YAML_MAPPING), &choice->with);
	if (choice->runs)
		c->command->nchoices++;
}

static void parse_menu(struct command_parse *c, const struct yaml_node *node)
{
	const struct yaml_node *title = schema_get(node, "title", YAML_MAPPING),
			       *choices = schema_get(node, "choices", YAML_SEQUENCE);

	if (!node)
		return;
	schema_check(&c->p->schema, node, menu_fields, "a menu");
	c->command->choice = arena_alloc(c->p->schema.arena, (CHOICES_MAX + 1) * sizeof(*c->command->choice));
	if (title)
		parse_text2(c->p, title, &c->command->title);
	for (const struct yaml_node *e = choices ? choices->child : NULL; e; e = e->next)
		parse_choice(c, e);
}

void parse_opens(struct command_parse *c, const struct yaml_node *node)
{
	const struct schema *schema = &c->p->schema;
	struct opens *opens;
	struct phrase *on;

	if (!node)
		return;
	schema_check(schema, node, opens_fields, "'opens'");
	opens = arena_alloc(schema->arena, sizeof(*opens));
	opens->name = schema_text(node, "command");
	opens->place = schema_key_place(schema, node);
	opens->non = parse_phrases(c->p, schema_get(node, "on", YAML_SEQUENCE), &on);
	opens->on = arena_alloc(schema->arena, (opens->non + 1) * sizeof(*opens->on));
	for (unsigned i = 0; i < opens->non; i++)
		opens->on[i] = on[i].text;
	opens->within_s = parse_within(schema, schema_get(node, "within", YAML_SCALAR), QUESTION_S);
	opens->nwith = parse_with(c, schema_get(node, "with", YAML_MAPPING), &opens->with);
	if (opens->name)
		c->command->opens = opens;
}

void parse_dialogue(struct command_parse *c, const struct yaml_node *node)
{
	static const char *const needs[] = { "nothing", "password", "otp" }, *const bools[] = { "false", "true" };
	const struct schema *schema = &c->p->schema;
	const struct yaml_node *steps = schema_get(node, "steps", YAML_SEQUENCE),
			       *need = schema_get(node, "needs", YAML_SCALAR),
			       *chat = schema_get(node, "chat", YAML_SCALAR);
	int index;

	c->command->within_s = parse_within(schema, schema_get(node, "within", YAML_SCALAR), QUESTION_S);
	c->command->step = arena_alloc(schema->arena, ((steps ? steps->n : 0) + 1) * sizeof(*c->command->step));
	for (const struct yaml_node *e = steps ? steps->child : NULL; e; e = e->next)
		parse_step(c, e);
	parse_confirm(c, schema_get(node, "confirm", YAML_MAPPING));
	parse_menu(c, schema_get(node, "menu", YAML_MAPPING));
	parse_opens(c, schema_get(node, "opens", YAML_MAPPING));
	index = need ? schema_enum(schema, need, "need", needs, 3) : 0;
	c->command->need = index > 0 ? (enum need)index : NEED_NOTHING;
	c->command->chat = chat && schema_enum(schema, chat, "value", bools, 2) == 1;
	c->p->tables->tables.asks |= c->command->confirm || c->command->nsteps || c->command->nchoices ||
				     c->command->opens || c->command->need;
}

/* ---- when all tables are read ---- */

static struct command *target(struct tables_own *own, struct problems *problems, const struct command *from,
			      const char *name, struct place place)
{
	struct command *found = tables_find(&own->tables, from->table, str_z(name));

	if (!found)
		problem_add(problems, PROBLEM_ERROR, place, "'%s' is no command (name, or table.name)", name);
	else
		own->own[found->index]->led_to = true;
	return found;
}

static void check_with(struct problems *problems, const struct command *to, struct with *with, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int arg = find_arg(to, with[i].name);

		if (arg < 0)
			problem_add(problems, PROBLEM_ERROR, with[i].place, "%s has no argument '%s'", to->id, with[i].name);
		else
			with[i].arg = arg;
	}
}

static void check_choices(struct tables_own *own, struct command *command, struct problems *problems)
{
	for (unsigned i = 0; i < command->nchoices; i++) {
		struct choice *choice = &command->choice[i];

		choice->command = target(own, problems, command, choice->runs, choice->place);
		if (choice->command)
			check_with(problems, choice->command, choice->with, choice->nwith);
		else
			command->nchoices = i;	/* it has problems: nobody will use it */
	}
}

static void check_opens(struct tables_own *own, struct command *command, struct problems *problems)
{
	struct opens *opens = command->opens;
	unsigned given = 0;

	if (!opens)
		return;
	opens->command = target(own, problems, command, opens->name, opens->place);
	if (!opens->command) {
		command->opens = NULL;
		return;
	}
	check_with(problems, opens->command, opens->with, opens->nwith);
	for (unsigned i = 0; i < opens->nwith; i++)
		given |= 1u << opens->with[i].arg;
	while (opens->arg < opens->command->nargs && given & 1u << opens->arg)
		opens->arg++;
	if (opens->arg == opens->command->nargs)
		problem_add(problems, PROBLEM_ERROR, opens->place,
			    "%s has no argument left for the customer's answer", opens->command->id);
	else
		own->own[opens->command->index]->named |= 1u << opens->arg | given;
	for (unsigned i = 0; i < opens->non; i++)
		if (!command_outcome(command, str_z(opens->on[i])))
			problem_add(problems, PROBLEM_ERROR, opens->place, "'on' names the outcome '%s', which has no reply",
				    opens->on[i]);
}

/* A service password is held against its hash by the engine, and of a new one the order alone gets the hash: no SQL
 * sees either. */
static void check_secrets(const struct command *command, struct problems *problems)
{
	for (unsigned i = 0; i < command->nparams; i++) {
		const struct command_param *p = &command->param[i];
		bool arg = p->source == PARAM_ARG && p->arg < command->nargs;	/* or it was told already */
		const char *kind = arg ? command->arg[p->arg].kind_name : "";

		if (!strcmp(kind, "password") || (command->parent && !strcmp(kind, "new_password")))
			problem_add(problems, PROBLEM_ERROR, command->sql_place,
				    "'%s' is a password, which this SQL must not see (remove :%s)", p->name, p->name);
	}
}

void check_dialogue(struct tables_own *own, struct command *command, struct problems *problems)
{
	check_secrets(command, problems);
	check_choices(own, command, problems);
	check_opens(own, command, problems);
	if (command->confirm && command->risk == RISK_QUERY)
		problem_add(problems, PROBLEM_ERROR, command->confirm->place,
			    "a query needs no confirmation (give %s the risk that it has, or remove confirm)", command->id);
}
