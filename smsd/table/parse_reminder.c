/* parse_reminder - one reminder of a table, see parse.h: what is sent when another channel reports something. */
#include <stdio.h>
#include <stdlib.h>

#include "table/parse.h"

static const struct field reminder_fields[] = {
	{ "about", FIELD_TEXT }, { "on", FIELD_TEXT, true }, { "every", FIELD_LATER }, { "sql", FIELD_TEXT, true },
	{ "class", FIELD_TEXT, true }, { "once_per", FIELD_TEXT }, { "text", FIELD_MAPPING, true }, { "opens", FIELD_LATER },
	{ NULL },
};

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

static void add_text(struct command_parse *c, const struct yaml_node *text)
{
	struct command *command = c->command;

	command->outcome = arena_alloc(c->p->schema.arena, sizeof(*command->outcome));
	command->noutcomes = 1;
	command->outcome->name = "ok";
	command->outcome->place = command->place;
	if (text)
		parse_text2(c->p, text, &command->outcome->text);
}

void parse_reminder(struct parse *p, const struct yaml_node *node)
{
	static const char *const classes[] = { "service", "notice", "commercial", "otp" };
	enum { ROWS_MAX = 1000, TIMEOUT_MS = 10000 };
	const struct schema *schema = &p->schema;
	const struct yaml_node *class = schema_get(node, "class", YAML_SCALAR);
	struct reminder *r = arena_alloc(schema->arena, sizeof(*r));
	struct command_parse c = { .p = p };
	int index;

	c.command = parse_add_command(p, &c.own);
	c.command->reminder = r;
	c.own->quote = true;	/* no customer can text it */
	schema_name(schema, node, "a reminder");
	schema_check(schema, node, reminder_fields, "a reminder");
	r->place = schema_key_place(schema, node);
	c.command->table = p->table->name;
	c.command->name = node->key.ptr;
	c.command->id = arena_printf(schema->arena, "%s.%s", p->table->name, node->key.ptr).ptr;
	c.command->about = schema_text(node, "about");
	c.command->place = r->place;
	c.command->risk = RISK_QUERY;
	c.command->rows = ROWS_MAX;
	c.command->timeout_ms = TIMEOUT_MS;
	c.command->outcome_column = c.command->lang_column = c.command->price_column = -1;
	r->on = schema_text(node, "on");
	index = class && class->value.len ? schema_enum(schema, class, "class", classes, 4) : 0;
	r->class = classes[index > 0 ? index : 0];
	parse_once(p, schema_get(node, "once_per", YAML_SCALAR), r);
	parse_sql(&c, schema_get(node, "sql", YAML_SCALAR));
	add_text(&c, schema_get(node, "text", YAML_MAPPING));
	p->tables->tables.reminders |= r->on != NULL;
}
