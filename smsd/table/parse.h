/* parse - from YAML nodes to the structs of tables.h: parse.c reads a file,
 * parse_command.c one command of it.  What needs all files at once is check.c's. */
#pragma once
#include "table/private.h"
#include "table/schema.h"

struct parse {
	struct schema schema;
	struct tables_own *tables;
	struct table *table;
};

void parse_source(struct tables_own *tables, const struct source *source,
		  struct problems *problems);
/* parse_command.c */
struct command_parse {
	struct parse *p;
	struct command *command;
	struct command_own *own;
};
void parse_command(struct parse *p, const struct yaml_node *node);
struct command *parse_add_command(struct parse *p, struct command_own **own_r);
void parse_sql(struct command_parse *c, const struct yaml_node *sql);

/* parse_dialogue.c: confirm, steps, menu, opens, within, needs, chat */
void parse_dialogue(struct command_parse *c, const struct yaml_node *node);
void check_dialogue(struct tables_own *tables, struct command *command, struct problems *problems);
/* 90s, 10m, 24h, 3d; fallback after reporting. */
unsigned parse_within(const struct schema *schema, const struct yaml_node *node, unsigned fallback);
unsigned parse_span(const struct schema *schema, const struct yaml_node *node, unsigned days_max, unsigned fallback);
void parse_opens(struct command_parse *c, const struct yaml_node *node);

/* parse_audience.c: who, valid, limits.per_subscriber */
struct audience *parse_audience(struct parse *p, const struct yaml_node *node);	/* NULL: neither stands there */
void parse_rate(struct command_parse *c, const struct yaml_node *node);

/* parse_repeat.c */
void parse_repeat(struct parse *p, const struct yaml_node *node, struct command *command,
		  struct command_own *own);
void check_repeat(struct tables_own *tables, struct command *command, struct problems *problems);

/* parse_reminder.c */
void parse_reminder(struct parse *p, const struct yaml_node *node);

/* 10%; 0 when absent or refused. */
unsigned parse_share(struct parse *p, const struct yaml_node *node);

/* So that the place of each byte of a text can be told later. */
void parse_remember(struct parse *p, const struct yaml_node *text);
/* A text in two languages, remembered. */
void parse_text2(struct parse *p, const struct yaml_node *node, struct text2 *out);
/* The texts of a list, none of them empty. */
unsigned parse_phrases(struct parse *p, const struct yaml_node *list, struct phrase **out_r);

/* check.c: what can only be said of all files together; file: where to report what stands
 * nowhere. */
bool check_engine_outcome(const char *name);	/* what the engine itself says */
void check_tables(struct tables_own *tables, const char *file, struct problems *problems);
