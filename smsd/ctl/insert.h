/* insert - one item more at the end of a list in a file of YAML, in the style of the items that
 * are there.  Every byte of the file stays, comments and line ends too.  Pure. */
#pragma once
#include "base/err.h"
#include "base/yaml.h"

enum { INSERTIONS_MAX = 4 };

struct insertions {		/* in the order of the file; at: byte of the file as it was */
	unsigned n;
	struct { size_t at; struct str text; } list[INSERTIONS_MAX];
};

/* list: a sequence of the tree that yaml_parse() made of content.  Fails with ERR_INPUT where the
 * list is written in a way that this cannot add to. */
MUST_CHECK int insert_item(struct arena *arena, struct str content, const struct yaml_node *list,
			   struct str item, struct insertions *io, struct err *err);

/* `key: value` as an item of a list of mappings, in braces where the last one stands so. */
struct str insert_mapping(struct arena *arena, struct str content, const struct yaml_node *list,
			  const char *key, struct str value);

/* A line `key: value` below the one where after ends, which is a value of the same mapping. */
void insert_below(struct arena *arena, struct str content, const struct yaml_node *after,
		  struct str line, struct insertions *io);

/* A text as YAML, quoted as style says (struct yaml_node); plain only where that is safe. */
struct str insert_quoted(struct arena *arena, struct str text, char style);

/* The file with all of it. */
struct str insert_apply(struct arena *arena, struct str content, const struct insertions *ins);

/* The line, from 1, of the new file in which insertion i begins, and the lines that it touches
 * whole. */
unsigned insert_line(const struct insertions *ins, unsigned i, struct str applied,
		     struct str *lines_r);
