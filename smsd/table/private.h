/* private - what tables keep besides tables.h, for the files of this folder only. */
#pragma once
#include "base/map.h"
#include "base/yaml.h"
#include "table/match.h"
#include "table/tables.h"

struct phrase {			/* a wording, a pattern, a courtesy: as written */
	const struct yaml_node *node;
	const char *text;
	void *code;		/* of a pattern: pcre2_code */
};

struct table {			/* one source file */
	const char *file, *name;
	struct place place;
	struct str province;
	unsigned nports;
	struct str *port;
};

struct command_own {
	struct table *table;
	unsigned nsay, nmatch;
	struct phrase *say, *match;
	unsigned named;		/* arguments that a wording or pattern names, one bit each */
	unsigned used;		/* arguments that the SQL or a reply uses */
	struct place tip_place;
	const struct yaml_node *undone_by;
	bool quote;		/* it is the SQL of another command's confirm */
	bool silent;		/* no wording: only another command leads to it */
	bool led_to;		/* some command does */
	bool broken;		/* a wording or pattern was refused: what it names is not known */
};

struct text_node {		/* where a template or SQL came from */
	const char *ptr;
	const struct yaml_node *node;
};

struct example_node {
	const struct yaml_node *text, *expect;
};

struct tables_own {
	struct tables tables;	/* first: the two are one */
	unsigned ntables;
	struct table **table;
	struct command_own **own;	/* by command->index */
	unsigned nbefore, nafter;
	struct phrase *before, *after;
	const char *courtesy_file;
	unsigned ntexts;
	struct text_node *text;
	struct example_node *example;	/* as tables.example */
	struct map *patterns;	/* source to pcre2_code: each compiled once */
};

static inline struct tables_own *own(const struct tables *tables)
{
	return (struct tables_own *)tables;
}

/* Room for one more in a list of n that grows by doubling; the arena keeps the old ones too. */
void *private_grow(struct arena *arena, void *list, unsigned n, size_t size);

/* A wording or pattern for a message: on one line, and not too long. */
const char *private_shown(struct arena *arena, const char *wording);

/* The place of a byte of a text2's source. */
struct place private_text_place(const struct tables *tables, const struct text2 *text, int lang,
				size_t offset);

/* Compiles both languages with these names into the arena; what is wrong becomes problems at its
 * place. */
void private_compile(const struct tables *tables, struct arena *arena, struct text2 *text,
		     const char *const *names, unsigned n, struct problems *problems);

/* match_text() for checks without a vocabulary: every word of the trusted command may be known,
 * of the others none is.  NULL: as the vocabulary says. */
void match_trusting(const struct tables *tables, const struct match_context *context,
		    const struct command *trusted, struct arena *arena, struct str folded,
		    struct match *out_r);

void matcher_free(struct matcher **matcher);
