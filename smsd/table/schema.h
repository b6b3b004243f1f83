/* schema - reads YAML nodes against lists of the keys that may stand there, and
 * reports what does not fit: unknown keys, missing keys, wrong types, values not allowed. */
#pragma once
#include "base/yaml.h"
#include "table/tables.h"

enum field_type {
	FIELD_TEXT, FIELD_LIST, FIELD_MAPPING, FIELD_ANY,
	FIELD_LATER,		/* of the format, but not of this version */
};

struct field {
	const char *key;	/* NULL ends the list */
	enum field_type type;
	bool required;
};

struct schema {			/* what is being read */
	struct arena *arena;
	struct problems *problems;
	const char *file;
};

struct place schema_place(const struct schema *schema, const struct yaml_node *node);
struct place schema_key_place(const struct schema *schema, const struct yaml_node *node);
/* At the byte of a text's value. */
struct place schema_place_at(const struct schema *schema, const struct yaml_node *node,
			     size_t offset);
void schema_error(const struct schema *schema, const struct yaml_node *node,
		  const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Reports what is wrong with a mapping's keys; what ("a command") is for messages. */
void schema_check(const struct schema *schema, const struct yaml_node *node,
		  const struct field *fields, const char *what);

/* The child of that name if it has the type asked for; what it is else was told by
 * schema_check(). */
const struct yaml_node *schema_get(const struct yaml_node *node, const char *key,
				   enum yaml_kind kind);
/* The child's text; NULL when it is absent or was refused. */
const char *schema_text(const struct yaml_node *node, const char *key);

/* A whole number within bounds; fallback after reporting. */
unsigned schema_number(const struct schema *schema, const struct yaml_node *node, unsigned low,
		       unsigned high, unsigned fallback);
/* Index in a list of n names; -1 after reporting the list and the nearest. */
int schema_enum(const struct schema *schema, const struct yaml_node *node, const char *what,
		const char *const *names, unsigned n);
/* A name: small letters, digits and _, beginning with a letter, of at most 63. */
bool schema_name(const struct schema *schema, const struct yaml_node *node, const char *what);

/* {zh, en}, both required. */
void schema_text2(const struct schema *schema, const struct yaml_node *node, struct text2 *out);

/* The nearest of n names within two edits, or NULL. */
const char *schema_near(struct str name, const char *const *names, unsigned n);
/* " (did you mean 'x'?)", or the remedy given. */
const char *schema_hint(struct arena *arena, const char *near, const char *remedy);
