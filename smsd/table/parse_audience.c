/* parse_audience - who may use a command or sees a tip, when, and how often: who, valid, limits.per_subscriber. */
#include <stdio.h>
#include <stdlib.h>

#include "table/parse.h"

static const struct field who_fields[] = {
	{ "brands", FIELD_LIST }, { "provinces", FIELD_LIST }, { "links", FIELD_LIST }, { "list", FIELD_TEXT }, { NULL },
};
static const struct field valid_fields[] = {
	{ "from", FIELD_TEXT }, { "until", FIELD_TEXT }, { "hours", FIELD_TEXT }, { NULL },
};

static unsigned parse_names(struct parse *p, const struct yaml_node *who, const char *key, struct str **out_r)
{
	struct phrase *names;
	unsigned n = parse_phrases(p, schema_get(who, key, YAML_SEQUENCE), &names);

	*out_r = arena_alloc(p->schema.arena, (n + 1) * sizeof(**out_r));
	for (unsigned i = 0; i < n; i++)
		(*out_r)[i] = str_z(names[i].text);
	return n;
}

/* Midnight in China at the beginning of that day; 0: absent, or refused. */
static time_t parse_day(struct parse *p, const struct yaml_node *node)
{
	struct tm tm = { 0 };
	int used = 0;

	if (!node)
		return 0;
	if (node->value.len == 10 &&
	    sscanf(node->value.ptr, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &used) == 3 && used == 10 &&
	    tm.tm_year >= 2000 && tm.tm_year < 2100 && tm.tm_mon >= 1 && tm.tm_mon <= 12 && tm.tm_mday >= 1) {
		int day = tm.tm_mday;

		tm.tm_year -= 1900;
		tm.tm_mon--;
		time_t at = timegm(&tm);
		if (tm.tm_mday == day)
			return at - 8 * 3600;
	}
	schema_error(&p->schema, node, "'%s' is no day (as 2026-11-22)", node->value.ptr);
	return 0;
}

static void parse_hours(struct parse *p, const struct yaml_node *node, struct audience *a)
{
	unsigned from_h, from_m, to_h, to_m;
	int used = 0;

	if (!node)
		return;
	if (sscanf(node->value.ptr, "%2u:%2u-%2u:%2u%n", &from_h, &from_m, &to_h, &to_m, &used) == 4 &&
	    (size_t)used == node->value.len && from_m < 60 && to_m < 60 && from_h * 60 + from_m <= 1440 &&
	    to_h * 60 + to_m <= 1440) {
		a->opens_min = from_h * 60 + from_m;
		a->closes_min = (to_h * 60 + to_m) % 1440;
		a->hours = node->value.ptr;
		return;
	}
	schema_error(&p->schema, node, "'hours' must be as \"08:00-22:00\"");
}

struct audience *parse_audience(struct parse *p, const struct yaml_node *node)
{
	const struct schema *schema = &p->schema;
	const struct yaml_node *who = schema_get(node, "who", YAML_MAPPING), *valid = schema_get(node, "valid", YAML_MAPPING);
	const char *list;
	struct audience *a;

	if (!who && !valid)
		return NULL;
	if (who)
		schema_check(schema, who, who_fields, "'who'");
	if (valid)
		schema_check(schema, valid, valid_fields, "'valid'");
	a = arena_alloc(schema->arena, sizeof(*a));
	a->nbrands = parse_names(p, who, "brands", &a->brand);
	a->nprovinces = parse_names(p, who, "provinces", &a->province);
	a->nlinks = parse_names(p, who, "links", &a->link);
	list = schema_text(who, "list");
	if (list)
		a->list = str_z(list);
	a->from = parse_day(p, schema_get(valid, "from", YAML_SCALAR));
	a->until = parse_day(p, schema_get(valid, "until", YAML_SCALAR));
	if (a->from && a->until && a->until <= a->from)
		schema_error(schema, valid, "'until' must be after 'from' (it is the first day that is too late)");
	parse_hours(p, schema_get(valid, "hours", YAML_SCALAR), a);
	return a;
}

void parse_rate(struct command_parse *c, const struct yaml_node *node)
{
	static const struct { const char *unit; unsigned seconds; } units[] = {
		{ "/minute", 60 }, { "/hour", 3600 }, { "/day", 24 * 3600 },
	};
	char *end;
	unsigned long n = strtoul(node->value.ptr, &end, 10);

	for (unsigned i = 0; i < 3; i++)
		if (n >= 1 && n <= 1000 && strcmp(end, units[i].unit) == 0) {
			c->command->rate_n = n;
			c->command->rate_s = units[i].seconds;
			return;
		}
	schema_error(&c->p->schema, node, "'per_subscriber' must be as 20/hour (1 to 1000 a minute, hour or day)");
}
