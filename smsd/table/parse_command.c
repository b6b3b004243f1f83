/* parse_command - one command of a table, see parse.h. */
#include <stdlib.h>

#include "table/kind.h"
#include "table/parse.h"
#include "table/pattern.h"
#include "table/sql_params.h"
#include "text/msisdn.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const struct field command_fields[] = {
	{ "about", FIELD_TEXT, true },
	{ "say", FIELD_LIST },
	{ "match", FIELD_LIST },
	{ "args", FIELD_MAPPING },
	{ "risk", FIELD_TEXT, true },
	{ "sql", FIELD_TEXT },
	{ "reply", FIELD_MAPPING },
	{ "usage", FIELD_MAPPING },
	{ "tip", FIELD_TEXT },
	{ "limits", FIELD_MAPPING },
	{ "examples", FIELD_LIST },
	{ "confirm", FIELD_MAPPING },
	{ "menu", FIELD_MAPPING },
	{ "steps", FIELD_LIST },
	{ "opens", FIELD_MAPPING },
	{ "needs", FIELD_TEXT },
	{ "repeat_window", FIELD_TEXT },
	{ "effect", FIELD_LIST },
	{ "undone_by", FIELD_LIST },
	{ "valid", FIELD_MAPPING },
	{ "who", FIELD_MAPPING },
	{ "within", FIELD_TEXT },
	{ "chat", FIELD_TEXT },
	{ NULL },
};
static const struct field arg_fields[] = {
	{ "is", FIELD_TEXT, true }, { "pattern", FIELD_TEXT }, { "secret", FIELD_TEXT }, { NULL },
};
static const struct field limits_fields[] = {
	{ "timeout", FIELD_TEXT }, { "rows", FIELD_TEXT }, { "per_subscriber", FIELD_TEXT },
	{ NULL },
};
static const struct field example_fields[] = {
	{ "text", FIELD_TEXT, true }, { "from", FIELD_TEXT }, { "to", FIELD_TEXT },
	{ "answers", FIELD_LIST }, { "expect", FIELD_TEXT }, { "says", FIELD_TEXT }, { NULL },
};
static const char *const param_names[] = {
	[PARAM_MSISDN] = "msisdn", [PARAM_MO_ID] = "mo_id", [PARAM_NOW] = "now",
	[PARAM_LANG] = "lang", [PARAM_PORT] = "port", [PARAM_LINK] = "link",
	[PARAM_TRIGGER] = "trigger_id", [PARAM_LEVEL] = "level", [PARAM_STEP] = "step",
};
enum { RESERVED = PARAM_TRIGGER + 1 };	/* no argument may have such a name */

static int index_of(const char *const *names, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

/* Compiles each source once, whoever uses it; NULL after telling what PCRE2 says. */
static void *compile(struct parse *p, const struct yaml_node *node)
{
	void *code = map_get(p->tables->patterns, node->value);
	struct err err = { 0 };
	size_t offset;

	if (code)
		return code;
	code = pattern_new(node->value, &err, &offset);
	if (!code) {
		problem_add(p->schema.problems, PROBLEM_ERROR,
			    schema_place_at(&p->schema, node, offset), "%s", err.text);
		return NULL;
	}
	map_put(p->tables->patterns, node->value, code);
	return code;
}

static void parse_arg_kind(struct command_parse *c, const struct yaml_node *node,
			   struct command_arg *arg)
{
	const struct schema *schema = &c->p->schema;
	const struct yaml_node *is = schema_get(node, "is", YAML_SCALAR);
	const struct kind *near;

	arg->kind_name = is && is->value.len ? is->value.ptr : "text";
	arg->kind = kind_builtin(str_z(arg->kind_name));
	if (arg->kind)
		return;
	near = kind_near(is->value);
	if (near)
		schema_error(schema, is, "unknown kind '%s' (did you mean '%s'?)", is->value.ptr,
			     near->name);
	for (size_t i = 0; i < is->value.len && !near; i++)
		if ((is->value.ptr[i] < 'a' || is->value.ptr[i] > 'z') && is->value.ptr[i] != '_') {
			schema_error(schema, is, "'%s' is no kind (%s: small letters and _)",
				     is->value.ptr, kind_names());
			break;
		}
	arg->kind = kind_vocabulary(schema->arena, arg->kind_name);
}

static void parse_arg(struct command_parse *c, const struct yaml_node *node)
{
	static const char *const bools[] = { "false", "true" };
	static const char *const reserved[] = { "rows", "last", "outcome" };
	const struct schema *schema = &c->p->schema;
	struct command_arg *arg = &c->command->arg[c->command->nargs];
	const struct yaml_node *pattern, *secret;

	schema_check(schema, node, arg_fields, "an argument");
	schema_name(schema, node, "an argument");
	arg->name = node->key.ptr;
	arg->place = schema_key_place(schema, node);
	if (index_of(param_names, RESERVED, arg->name) >= 0 ||
	    index_of(reserved, COUNT(reserved), arg->name) >= 0)
		problem_add(schema->problems, PROBLEM_ERROR, arg->place,
			    "the name '%s' has a meaning already (choose another)", arg->name);
	if (c->command->nargs == ARGS_MAX) {
		problem_add(schema->problems, PROBLEM_ERROR, arg->place,
			    "a command may have at most %d arguments", ARGS_MAX);
		return;
	}
	parse_arg_kind(c, node, arg);
	pattern = schema_get(node, "pattern", YAML_SCALAR);
	if (pattern && pattern->value.len) {
		arg->pattern = pattern->value.ptr;
		arg->pattern_code = compile(c->p, pattern);
	}
	secret = schema_get(node, "secret", YAML_SCALAR);
	arg->secret = secret && schema_enum(schema, secret, "value", bools, 2) == 1;
	arg->secret |= !strcmp(arg->kind_name, "password") || !strcmp(arg->kind_name, "new_password");
	c->command->nargs++;
}

static void parse_args(struct command_parse *c, const struct yaml_node *args)
{
	unsigned n = args && args->n < ARGS_MAX ? args->n : ARGS_MAX;

	/* One more, for what parse_arg() refuses. */
	c->command->arg = arena_alloc(c->p->schema.arena, (n + 1) * sizeof(*c->command->arg));
	for (const struct yaml_node *node = args ? args->child : NULL; node; node = node->next)
		parse_arg(c, node);
}

static void parse_patterns(struct command_parse *c, const struct yaml_node *list)
{
	c->own->nmatch = parse_phrases(c->p, list, &c->own->match);
	for (unsigned i = 0; i < c->own->nmatch; i++) {
		c->own->match[i].code = compile(c->p, c->own->match[i].node);
		if (!c->own->match[i].code)
			c->own->broken = true;
	}
}

static void unknown_param(struct command_parse *c, const struct yaml_node *sql,
			  const struct sql_param *param)
{
	const struct schema *schema = &c->p->schema;
	const char *names[COUNT(param_names) + ARGS_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < COUNT(param_names); i++)
		if (c->command->reminder ? i >= PARAM_TRIGGER || i == PARAM_NOW : i < PARAM_TRIGGER)
			names[n++] = param_names[i];
	for (unsigned i = 0; i < c->command->nargs; i++)
		names[n++] = c->command->arg[i].name;
	problem_add(schema->problems, PROBLEM_ERROR, schema_place_at(schema, sql, param->offset),
		    "unknown parameter ':%s'%s", param->name.ptr,
		    schema_hint(schema->arena, schema_near(param->name, names, n),
				c->command->reminder ? "there are trigger_id, now, level and step" :
				"there are msisdn, mo_id, now, lang, port, link and the"
				" arguments"));
}

static void bind_param(struct command_parse *c, const struct yaml_node *sql,
		       const struct sql_param *param, struct command_param *to)
{
	int builtin = index_of(param_names, COUNT(param_names), param->name.ptr);

	to->name = param->name.ptr;
	bool of_reminders = builtin >= PARAM_TRIGGER || builtin == PARAM_NOW;
	if (builtin >= 0 && (c->command->reminder ? of_reminders : builtin < PARAM_TRIGGER)) {
		to->source = (enum param)builtin;
		return;
	}
	to->source = PARAM_ARG;
	while (to->arg < c->command->nargs && !str_eqz(param->name, c->command->arg[to->arg].name))
		to->arg++;
	if (to->arg < c->command->nargs) {
		c->own->used |= 1u << to->arg;
		return;
	}
	to->arg = 0;
	if (c->command->confirm)	/* tables_bind() looks whether there is such a column */
		to->source = PARAM_ASKED;
	else
		unknown_param(c, sql, param);
}

void parse_sql(struct command_parse *c, const struct yaml_node *sql)
{
	const struct schema *schema = &c->p->schema;
	struct sql_params found;

	if (!sql || !sql->value.len)
		return;
	c->command->sql = sql->value.ptr;
	c->command->sql_place = schema_place(schema, sql);
	parse_remember(c->p, sql);
	sql_params(schema->arena, sql->value, &found);
	c->command->sql_numbered = found.numbered;
	if (found.wrong)
		problem_add(schema->problems, PROBLEM_ERROR,
			    schema_place_at(schema, sql, found.wrong_offset), "%s", found.wrong);
	if (found.too_many)
		schema_error(schema, sql, "the SQL has more than %d parameters", SQL_PARAMS_MAX);
	c->command->nparams = found.n;
	c->command->param = arena_alloc(schema->arena, found.n * sizeof(*c->command->param));
	for (unsigned i = 0; i < found.n; i++)
		bind_param(c, sql, &found.param[i], &c->command->param[i]);
}

static void parse_replies(struct command_parse *c, const struct yaml_node *reply)
{
	const struct schema *schema = &c->p->schema;
	struct command *command = c->command;
	unsigned n;

	if (!reply)
		return;
	n = reply->n < OUTCOMES_MAX ? reply->n : OUTCOMES_MAX;
	command->outcome = arena_alloc(schema->arena, n * sizeof(*command->outcome));
	for (const struct yaml_node *node = reply->child; node; node = node->next) {
		struct outcome *outcome;

		if (command->noutcomes == OUTCOMES_MAX) {
			schema_error(schema, node, "a command may have at most %d outcomes",
				     OUTCOMES_MAX);
			return;
		}
		outcome = &command->outcome[command->noutcomes];
		schema_name(schema, node, "an outcome");
		outcome->name = node->key.ptr;
		if (check_engine_outcome(outcome->name))
			schema_error(schema, node, "the outcome '%s' is the engine's own (choose another name)", outcome->name);
		outcome->place = schema_key_place(schema, node);
		parse_text2(c->p, node, &outcome->text);
		command->noutcomes++;
	}
}

static unsigned parse_timeout(const struct schema *schema, const struct yaml_node *node)
{
	enum { FALLBACK = 2000, LONGEST = 30000 };
	char *end;
	unsigned long n;

	if (!str_digits(str_n(node->value.ptr, node->value.len ? 1 : 0)))
		goto refuse;
	n = strtoul(node->value.ptr, &end, 10);
	if (n >= 1 && n <= LONGEST && !strcmp(end, "ms"))
		return n;
	if (n >= 1 && n <= LONGEST / 1000 && !strcmp(end, "s"))
		return 1000 * n;
refuse:
	schema_error(schema, node, "'timeout' must be from 1ms to 30s, as 2s or 500ms");
	return FALLBACK;
}

static void parse_limits(struct command_parse *c, const struct yaml_node *limits)
{
	const struct schema *schema = &c->p->schema;
	const struct yaml_node *timeout = schema_get(limits, "timeout", YAML_SCALAR),
			       *rows = schema_get(limits, "rows", YAML_SCALAR),
			       *rate = schema_get(limits, "per_subscriber", YAML_SCALAR);

	if (limits)
		schema_check(schema, limits, limits_fields, "'limits'");
	c->command->timeout_ms = timeout ? parse_timeout(schema, timeout) : 2000;
	c->command->rows = rows ? schema_number(schema, rows, 1, 1000, 20) : 20;
	if (rate)
		parse_rate(c, rate);
}

static bool answered(const struct table *table, struct str port)
{
	for (unsigned i = 0; i < table->nports; i++)
		if (str_starts(port, table->port[i]))
			return true;
	return false;
}

static void parse_example(struct command_parse *c, const struct yaml_node *node)
{
	const struct schema *schema = &c->p->schema;
	struct tables *t = &c->p->tables->tables;
	const struct yaml_node *from = schema_get(node, "from", YAML_SCALAR),
			       *to = schema_get(node, "to", YAML_SCALAR);
	struct example example = { .command = c->command, .place = schema_place(schema, node) };
	struct phrase *answers;
	struct msisdn msisdn;

	schema_check(schema, node, example_fields, "an example");
	example.text = schema_text(node, "text");
	example.from = schema_text(node, "from");
	example.to = schema_text(node, "to");
	example.expect = schema_text(node, "expect");
	example.says = schema_text(node, "says");
	example.nanswers = parse_phrases(c->p, schema_get(node, "answers", YAML_SEQUENCE), &answers);
	example.answer = arena_alloc(t->arena, (example.nanswers + 1) * sizeof(*example.answer));
	for (unsigned i = 0; i < example.nanswers; i++)
		example.answer[i] = answers[i].text;
	if (example.from && msisdn_parse(from->value, &msisdn, NULL) < 0)
		schema_error(schema, from, "'from' must be a subscriber's number, as"
			     " \"13800138000\"");
	if (example.to && c->p->table->nports && !answered(c->p->table, to->value)) {
		schema_error(schema, to, "'to' must be a port of this table, or one that extends"
			     " it");
		example.to = NULL;
	}
	if (!example.text)
		return;
	t->example = private_grow(t->arena, t->example, t->nexamples, sizeof(*t->example));
	t->example[t->nexamples] = example;
	struct example_node *places = private_grow(t->arena, own(t)->example, t->nexamples,
						   sizeof(*places));
	places[t->nexamples] = (struct example_node){
		schema_get(node, "text", YAML_SCALAR), schema_get(node, "expect", YAML_SCALAR),
	};
	own(t)->example = places;
	t->nexamples++;
}

static void parse_wordings(struct command_parse *c, const struct yaml_node *node)
{
	c->own->nsay = parse_phrases(c->p, schema_get(node, "say", YAML_SEQUENCE), &c->own->say);
	parse_patterns(c, schema_get(node, "match", YAML_SEQUENCE));
	c->own->silent = !c->own->nsay && !c->own->nmatch && node->kind == YAML_MAPPING;	/* check_dialogues(): only another command leads to it */
}

struct command *parse_add_command(struct parse *p, struct command_own **own_r)
{
	struct tables_own *o = p->tables;
	struct tables *t = &o->tables;
	struct command *command = arena_alloc(t->arena, sizeof(*command));
	struct command_own *own = arena_alloc(t->arena, sizeof(*own));

	t->command = private_grow(t->arena, t->command, t->ncommands, sizeof(*t->command));
	o->own = private_grow(t->arena, o->own, t->ncommands, sizeof(*o->own));
	t->command[t->ncommands] = command;
	o->own[t->ncommands] = own;
	command->index = t->ncommands++;
	own->table = p->table;
	*own_r = own;
	return command;
}

static void name_command(struct command_parse *c, const struct yaml_node *node)
{
	struct parse *p = c->p;
	struct command *command = c->command;

	schema_name(&p->schema, node, "a command");
	command->table = p->table->name;
	command->name = node->key.ptr;
	command->id = arena_printf(p->schema.arena, "%s.%s", command->table, command->name).ptr;
	command->place = schema_key_place(&p->schema, node);
	command->province = p->table->province;
	command->about = schema_text(node, "about");
	command->tip = schema_text(node, "tip");
	if (command->tip)
		c->own->tip_place = schema_place(&p->schema, yaml_get(node, "tip"));
	command->outcome_column = command->lang_column = command->price_column = -1;
}

/* A menu leads to other commands; every other command does something and says so. */
static void need_sql(struct command_parse *c, const struct yaml_node *node)
{
	static const char *const keys[] = { "sql", "reply" };

	for (unsigned i = 0; i < COUNT(keys) && node->kind == YAML_MAPPING; i++) {
		const struct yaml_node *there = yaml_get(node, keys[i]);

		if (c->command->nchoices && there)
			schema_error(&c->p->schema, there, "a menu has no '%s' (its choices run commands)", keys[i]);
		else if (!yaml_get(node, "menu") && !there)
			problem_add(c->p->schema.problems, PROBLEM_ERROR, schema_key_place(&c->p->schema, node),
				    "a command lacks '%s' (add it)", keys[i]);
	}
	if (!c->own->silent && node->kind == YAML_MAPPING && !yaml_get(node, "examples"))
		problem_add(c->p->schema.problems, PROBLEM_ERROR, schema_key_place(&c->p->schema, node),
			    "a command lacks 'examples' (add it)");
}

void parse_command(struct parse *p, const struct yaml_node *node)
{
	static const char *const risks[] = { "query", "change", "charge", "money", "identity" };
	struct command_parse c = { .p = p };
	const struct yaml_node *examples, *risk, *usage;
	int index;

	c.command = parse_add_command(p, &c.own);
	schema_check(&p->schema, node, command_fields, "a command");
	name_command(&c, node);
	risk = schema_get(node, "risk", YAML_SCALAR);
	index = risk && risk->value.len ?
		schema_enum(&p->schema, risk, "risk", risks, COUNT(risks)) : 0;
	c.command->risk = index > 0 ? (enum risk)index : RISK_QUERY;
	parse_args(&c, schema_get(node, "args", YAML_MAPPING));
	parse_wordings(&c, node);
	parse_dialogue(&c, node);
	parse_sql(&c, schema_get(node, "sql", YAML_SCALAR));
	parse_replies(&c, schema_get(node, "reply", YAML_MAPPING));
	need_sql(&c, node);
	c.command->audience = parse_audience(p, node);
	parse_repeat(p, node, c.command, c.own);
	usage = schema_get(node, "usage", YAML_MAPPING);
	if (usage)
		parse_text2(p, usage, &c.command->usage);
	parse_limits(&c, schema_get(node, "limits", YAML_MAPPING));
	examples = schema_get(node, "examples", YAML_SEQUENCE);
	for (const struct yaml_node *e = examples ? examples->child : NULL; e; e = e->next)
		parse_example(&c, e);
}
