/* parse_repeat - repeat_window, effect and undone_by of a command: within the window the same text from the
 * same sender gets the first answer again instead of running twice (SMSCs that miss an
 * acknowledgement send a text again, under a new id), as long as what the first one did still holds. */
#include <stdlib.h>

#include "table/parse.h"

enum { DEFAULT_S = 600, LONGEST_S = 24 * 3600 };

static unsigned parse_window(const struct schema *schema, const struct yaml_node *node)
{
	char *end;
	unsigned long n = strtoul(node->value.ptr, &end, 10);
	unsigned unit = !strcmp(end, "s") ? 1 : !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 : 0;

	if (str_eqz(node->value, "0"))
		return 0;
	if (unit && n >= 1 && n <= LONGEST_S / unit)
		return n * unit;
	schema_error(schema, node, "'repeat_window' must be from 1s to 24h, as 10m, or 0 for none");
	return DEFAULT_S;
}

static void mark_effect(const struct schema *schema, struct command *command, const struct yaml_node *node)
{
	const char *names[OUTCOMES_MAX];

	for (unsigned i = 0; i < command->noutcomes; i++) {
		names[i] = command->outcome[i].name;
		if (str_eqz(node->value, names[i])) {
			command->outcome[i].effect = true;
			return;
		}
	}
	schema_error(schema, node, "'effect' names the outcome '%s', which has no reply%s", node->value.ptr,
		     schema_hint(schema->arena, schema_near(node->value, names, command->noutcomes), ""));
}

void parse_repeat(struct parse *p, const struct yaml_node *node, struct command *command, struct command_own *own)
{
	const struct yaml_node *window = schema_get(node, "repeat_window", YAML_SCALAR);
	const struct yaml_node *effect = schema_get(node, "effect", YAML_SEQUENCE);

	own->undone_by = schema_get(node, "undone_by", YAML_SEQUENCE);
	command->repeat_s = command->risk >= RISK_CHARGE ? DEFAULT_S : 0;
	if (window)
		command->repeat_s = parse_window(&p->schema, window);
	if (window && command->repeat_s && command->risk == RISK_QUERY)
		schema_error(&p->schema, window, "a query may be asked as often as wanted (remove repeat_window)");
	for (const struct yaml_node *e = effect ? effect->child : NULL; e; e = e->next)
		mark_effect(&p->schema, command, e);
	for (unsigned i = 0; !effect && i < command->noutcomes; i++)
		command->outcome[i].effect = strcmp(command->outcome[i].name, "ok") == 0;
}

static bool takes_effect(const struct command *command)
{
	for (unsigned i = 0; i < command->noutcomes; i++)
		if (command->outcome[i].effect)
			return true;
	return false;
}

void check_repeat(struct tables_own *own, struct command *command, struct problems *problems)
{
	struct tables *t = &own->tables;
	struct schema schema = { t->arena, problems, command->place.file };
	const struct yaml_node *list = own->own[command->index]->undone_by;

	t->repeats |= command->repeat_s > 0;
	if (command->repeat_s && command->noutcomes && !takes_effect(command))
		problem_add(problems, PROBLEM_WARNING, command->place,
			    "no outcome of %s is known to take effect, so a repeated text runs again (add effect: [outcome])",
			    command->id);
	for (const struct yaml_node *e = list ? list->child : NULL; e; e = e->next) {
		struct command *other = tables_find(t, command->table, e->value);

		if (!other) {
			schema_error(&schema, e, "'undone_by' names '%s', which is no command (name, or table.name)",
				     e->value.ptr);
			continue;
		}
		other->undoes = private_grow(t->arena, other->undoes, other->nundoes, sizeof(*other->undoes));
		other->undoes[other->nundoes++] = command;
	}
}
