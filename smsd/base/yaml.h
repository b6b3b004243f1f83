/* yaml - a file of YAML as a tree whose every node and key knows its place, so that whoever
 * reads it can say file:line:column.  Used for command tables and the configuration.
 *
 * A careful subset: one document of mappings, sequences and scalars.  Scalars stay text (`0000`,
 * `no`). Refused: a key twice in a mapping, keys that are no scalars, anchors, aliases, tags,
 * directives, several documents, bytes that are not UTF-8, nesting and size past the bounds
 * below.  Pure. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

enum { YAML_DEPTH_MAX = 32, YAML_SIZE_MAX = 16 << 20, YAML_NODES_MAX = 1 << 20 };

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
	enum yaml_kind kind;
	unsigned line, column;		/* of the value, from 1; columns count characters */
	struct str value;		/* of a scalar, NUL-terminated */
	bool plain;			/* a scalar without quotes, which alone may mean null */
	struct str key;			/* in a mapping, NUL-terminated; else ptr NULL */
	unsigned key_line, key_column;
	unsigned n;			/* children */
	struct yaml_node *child, *next;	/* in the order of the file; next: of the same parent */
	char style;			/* of a scalar: 0 plain, or the ' " | > it began with */
	struct str raw;			/* a scalar as it stands in the file, for yaml_where() */
};

/* line and column from 1. */
typedef void yaml_error_fn(void *arg, unsigned line, unsigned column, const char *text);

/* The root, living in the arena with its texts (content may go).  A file that holds nothing but
 * comments is an empty mapping.  Whatever is wrong is told to fn, and then the file is to be
 * refused; a tree comes back all the same, for further checks, unless the syntax itself broke:
 * then NULL.  fn may be NULL, for what was checked before. */
struct yaml_node *yaml_parse(struct arena *arena, struct str content, yaml_error_fn *fn, void *arg);

/* The child of a mapping; NULL when it is absent or node is no mapping. */
struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

/* "a text", "a list", "a mapping": for messages. */
const char *yaml_kind_name(enum yaml_kind kind);

/* Where the byte at offset of a scalar's value stands in the file; in folded texts of several
 * lines only where the scalar begins. */
void yaml_where(const struct yaml_node *node, size_t offset, unsigned *line_r, unsigned *column_r);
