/* parse_reminder - one reminder of a table, see parse.h: what is sent when another channel reports something, or when a
 * schedule says so. */
#include <stdio.h>
#include <stdlib.h>

#include "table/parse.h"

enum { ROWS_MAX = 200000, TIMEOUT_MS = 20000, STEPS_MAX = 20, LEVELS_MAX = 9, SPAN_DAYS = 366 };

static const struct field reminder_fields[] = {
	{ "about", FIELD_TEXT }, { "on", FIELD_TEXT }, { "every", FIELD_TEXT }, { "zone", FIELD_TEXT }, { "sql", FIELD_TEXT, true },
	{ "class", FIELD_TEXT, true }, { "once_per", FIELD_TEXT }, { "text", FIELD_MAPPING }, { "after", FIELD_TEXT },
	{ "series", FIELD_LIST }, { "levels", FIELD_MAPPING }, { "opens", FIELD_MAPPING }, { "control", FIELD_TEXT },
	{ "steers", FIELD_ANY }, { "until", FIELD_TEXT },
	{ NULL },
};
static const struct field step_fields[] = { { "after", FIELD_TEXT, true }, { "text", FIELD_MAPPING, true }, { NULL } };
static const struct field level_fields[] = { { "wait", FIELD_TEXT, true }, { "most", FIELD_TEXT, true }, { NULL } };
static const struct field steers_fields[] = { { "column", FIELD_TEXT, true }, { NULL } };

static void once_wrong(struct parse *p, const struct yaml_node *node)
{
	schema_error(&p->schema, node, "'once_per' must read as: msisdn, channel per 30 days");
}

/* "msisdn, channel per 30 days" */
static void parse_once(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	struct arena *arena = p->schema.arena;
	char *text, *per, *name, *rest;

	if (!node)
		return;
	text = arena_z(arena, node->value);
	per = strstr(text, " per ");
	if (!per || sscanf(per, " per %3u day", &r->once_days) != 1 || !r->once_days ||
	    !(str_ends(node->value, STR(" days")) || str_ends(node->value, STR(" day")))) {
		r->once_days = 0;
		once_wrong(p, node);
		return;
	}
	*per = '\0';
	for (name = strtok_r(text, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
		r->once = private_grow(arena, r->once, r->nonce, sizeof(*r->once));
		r->once[r->nonce++] = name;
	}
	if (!r->nonce)
		once_wrong(p, node);
}

/* ---- when ---- */

static void parse_zone(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	struct err err;

	r->zone = node && node->value.len ? node->value.ptr : "Asia/Shanghai";
	if (zone_load(p->schema.arena, r->zone, &r->cron.zone, &err) == 0)
		return;
	if (node)
		schema_error(&p->schema, node, "%s", err.text);
	else
		problem_add(p->schema.problems, PROBLEM_ERROR, r->place, "%s; is the package tzdata installed?", err.text);
}

static void parse_every(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	const struct zone *zone = r->cron.zone;
	struct err err;
	size_t offset;

	if (!node)
		return;
	r->every = node->value.ptr;
	if (cron_parse(node->value, &r->cron, &offset, &err) < 0) {
		problem_add(p->schema.problems, PROBLEM_ERROR, schema_place_at(&p->schema, node, offset), "%s", err.text);
		r->every = NULL;
		return;
	}
	r->cron.zone = zone;
	if (zone && cron_next(&r->cron, 0) == CRON_NEVER) {
		schema_error(&p->schema, node, "'%s' is never (no month that it names has such a day)", r->every);
		r->every = NULL;
	}
}

/* "20:00", or 6h */
static void parse_until(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	unsigned hour, minute;
	int used = 0;

	if (!node)
		return;
	if (!memchr(node->value.ptr, ':', node->value.len)) {
		r->until_s = parse_span(&p->schema, node, 31, 0);
		return;
	}
	if (sscanf(node->value.ptr, "%2u:%2u%n", &hour, &minute, &used) == 2 && (size_t)used == node->value.len && hour < 24 &&
	    minute < 60)
		r->until_min = (int)(hour * 60 + minute);
	else
		schema_error(&p->schema, node, "'until' must be a time of day, as \"20:00\", or how long, as 6h");
}

static void refuse(struct parse *p, const struct yaml_node *node, const char *key, const char *why)
{
	const struct yaml_node *there = yaml_get(node, key);

	if (there)
		problem_add(p->schema.problems, PROBLEM_ERROR, schema_key_place(&p->schema, there), "'%s' %s", key, why);
}

static void parse_when(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	const struct yaml_node *every = schema_get(node, "every", YAML_SCALAR);

	r->on = schema_text(node, "on");
	parse_zone(p, schema_get(node, "zone", YAML_SCALAR), r);
	parse_every(p, every, r);
	parse_until(p, schema_get(node, "until", YAML_SCALAR), r);
	if (node->kind != YAML_MAPPING)
		return;
	if (!yaml_get(node, "on") && !yaml_get(node, "every"))
		problem_add(p->schema.problems, PROBLEM_ERROR, r->place,
			    "a reminder lacks 'on' or 'every' (add the trigger that it waits for, or a schedule)");
	if (yaml_get(node, "on"))
		refuse(p, node, "every", "and 'on' exclude each other (make two reminders)");
	else
		refuse(p, node, "after", "counts from a trigger (name it with 'on', or remove it)");
	if (!yaml_get(node, "on"))
		refuse(p, node, "series", "counts from a trigger (name it with 'on', or remove it)");
}

/* ---- what ---- */

static struct outcome *add_text(struct command_parse *c, const struct yaml_node *node)
{
	struct command *command = c->command;
	const struct yaml_node *text = schema_get(node, "text", YAML_MAPPING);
	struct outcome *o = &command->outcome[command->noutcomes++];

	o->name = arena_printf(c->p->schema.arena, "%u", command->noutcomes).ptr;
	o->place = schema_key_place(&c->p->schema, text ? text : node);
	if (text)
		parse_text2(c->p, text, &o->text);
	return o;
}

static void parse_step(struct command_parse *c, const struct yaml_node *node, struct reminder *r)
{
	const struct schema *schema = &c->p->schema;

	schema_check(schema, node, step_fields, "a step");
	if (r->nsteps == STEPS_MAX) {
		schema_error(schema, node, "a series may have at most %d steps", STEPS_MAX);
		return;
	}
	r->after_s[r->nsteps] = parse_span(schema, schema_get(node, "after", YAML_SCALAR), SPAN_DAYS, 0);
	if (r->nsteps && r->after_s[r->nsteps] && r->after_s[r->nsteps] <= r->after_s[r->nsteps - 1])
		schema_error(schema, yaml_get(node, "after"), "a step comes later than the one before it (both count from the trigger)");
	add_text(c, node);
	r->nsteps++;
}

static void parse_texts(struct command_parse *c, const struct yaml_node *node, struct reminder *r)
{
	const struct schema *schema = &c->p->schema;
	const struct yaml_node *series = schema_get(node, "series", YAML_SEQUENCE);

	c->command->outcome = arena_alloc(schema->arena, STEPS_MAX * sizeof(*c->command->outcome));
	r->after_s = arena_alloc(schema->arena, STEPS_MAX * sizeof(*r->after_s));
	r->series = series != NULL;
	if (series) {
		refuse(c->p, node, "text", "stands in each step of the series (remove it here)");
		refuse(c->p, node, "after", "stands in each step of the series (remove it here)");
		refuse(c->p, node, "levels", "and 'series' exclude each other (make two reminders)");
		for (const struct yaml_node *step = series->child; step; step = step->next)
			parse_step(c, step, r);
		return;
	}
	if (node->kind == YAML_MAPPING && !yaml_get(node, "text") && !yaml_get(node, "series"))
		problem_add(schema->problems, PROBLEM_ERROR, r->place, "a reminder lacks 'text' (add it)");
	r->nsteps = 1;
	r->after_s[0] = parse_span(schema, schema_get(node, "after", YAML_SCALAR), SPAN_DAYS, 0);
	add_text(c, node);
}

static void parse_levels(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	const struct yaml_node *most = schema_get(node, "most", YAML_SCALAR);

	if (!node)
		return;
	schema_check(&p->schema, node, level_fields, "'levels'");
	r->wait_s = parse_span(&p->schema, schema_get(node, "wait", YAML_SCALAR), SPAN_DAYS, 3600);
	r->levels = most ? schema_number(&p->schema, most, 2, LEVELS_MAX, 2) : 2;
}

static void parse_steers(struct parse *p, const struct yaml_node *node, struct reminder *r)
{
	if (!node)
		return;
	r->steers_place = schema_place(&p->schema, node);
	if (node->kind == YAML_MAPPING) {
		schema_check(&p->schema, node, steers_fields, "'steers'");
		r->steers = schema_text(node, "column");
		r->steers_column = true;
	} else if (node->kind == YAML_SCALAR && node->value.len) {
		r->steers = node->value.ptr;
	} else {
		schema_error(&p->schema, node, "'steers' must be a channel, as app, or {column: channel}");
	}
}

/* ---- together ---- */

static bool binds(const struct command *command, enum param source)
{
	for (unsigned i = 0; i < command->nparams; i++)
		if (command->param[i].source == source)
			return true;
	return false;
}

/* What its SQL asks for must be there, and what it must tell apart must be asked for. */
static void check_params(struct command_parse *c, const struct yaml_node *node)
{
	const struct reminder *r = c->command->reminder;
	struct problems *problems = c->p->schema.problems;
	struct place place = c->command->sql_place;

	if (!c->command->sql)
		return;
	if (binds(c->command, PARAM_TRIGGER) && yaml_get(node, "every") && !yaml_get(node, "on"))
		problem_add(problems, PROBLEM_ERROR, place, "a schedule has no trigger (remove :trigger_id, or wait for one with 'on')");
	if (binds(c->command, PARAM_STEP) && !yaml_get(node, "series"))
		problem_add(problems, PROBLEM_ERROR, place, ":step is of a series (add 'series', or remove it)");
	if (binds(c->command, PARAM_LEVEL) && !yaml_get(node, "levels"))
		problem_add(problems, PROBLEM_ERROR, place, ":level is of an escalation (add 'levels', or remove it)");
	if (r->levels && !binds(c->command, PARAM_LEVEL))
		problem_add(problems, PROBLEM_ERROR, place,
			    "the SQL does not look at :level, so each level would tell the same people (use it, or remove 'levels')");
}

static struct reminder *add_reminder(struct command_parse *c, const struct yaml_node *node)
{
	struct arena *arena = c->p->schema.arena;
	struct reminder *r = arena_alloc(arena, sizeof(*r));
	struct command *command = parse_add_command(c->p, &c->own);

	c->command = command;
	c->own->quote = true;	/* no customer can text it */
	command->reminder = r;
	command->table = c->p->table->name;
	command->name = node->key.ptr;
	command->id = arena_printf(arena, "%s.%s", command->table, command->name).ptr;
	command->about = schema_text(node, "about");
	command->place = r->place = schema_key_place(&c->p->schema, node);
	command->risk = RISK_QUERY;
	command->rows = ROWS_MAX;
	command->timeout_ms = TIMEOUT_MS;
	command->outcome_column = command->lang_column = command->price_column = -1;
	r->until_min = -1;
	return r;
}

void parse_reminder(struct parse *p, const struct yaml_node *node)
{
	static const char *const classes[] = { "service", "notice", "commercial", "otp" };
	const struct schema *schema = &p->schema;
	const struct yaml_node *class = schema_get(node, "class", YAML_SCALAR), *opens = schema_get(node, "opens", YAML_MAPPING);
	struct command_parse c = { .p = p };
	struct reminder *r = add_reminder(&c, node);
	int index = class && class->value.len ? schema_enum(schema, class, "class", classes, 4) : 0;

	schema_name(schema, node, "a reminder");
	schema_check(schema, node, reminder_fields, "a reminder");
	r->class = classes[index > 0 ? index : 0];
	parse_when(p, node, r);
	parse_once(p, schema_get(node, "once_per", YAML_SCALAR), r);
	parse_sql(&c, schema_get(node, "sql", YAML_SCALAR));
	parse_texts(&c, node, r);
	parse_levels(p, schema_get(node, "levels", YAML_MAPPING), r);
	parse_opens(&c, opens);
	if (yaml_get(opens, "on"))
		schema_error(schema, yaml_get(opens, "on"), "a reminder has no outcomes (remove 'on')");
	r->control = parse_share(p, yaml_get(node, "control"));
	parse_steers(p, yaml_get(node, "steers"), r);
	check_params(&c, node);
	p->tables->tables.reminders = true;
	p->tables->tables.asks |= c.command->opens != NULL;
}
