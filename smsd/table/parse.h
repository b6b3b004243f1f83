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
void parse_command(struct parse *p, const struct yaml_node *node);

/* parse_repeat.c */
void parse_repeat(struct parse *p, const struct yaml_node *node, struct command *command,
		  struct command_own *own);
void check_repeat(struct tables_own *tables, struct command *command, struct problems *problems);

/* So that the place of each byte of a text can be told later. */
void parse_remember(struct parse *p, const struct yaml_node *text);
/* A text in two languages, remembered. */
void parse_text2(struct parse *p, const struct yaml_node *node, struct text2 *out);
/* The texts of a list, none of them empty. */
unsigned parse_phrases(struct parse *p, const struct yaml_node *list, struct phrase **out_r);

/* check.c: what can only be said of all files together; file: where to report what stands
 * nowhere. */
void check_tables(struct tables_own *tables, const char *file, struct problems *problems);
