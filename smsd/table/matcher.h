/* matcher - the tables' wordings, indexed so that a text costs the same however many commands
 * there are.  Built by matcher.c, asked by match.c.
 *
 * For each port: texts without arguments in a map by the whole text; skeletons in a map by their
 * leading literal (empty when an argument comes first) and, below it, by the trailing one;
 * patterns in lists by the first byte they can match. */
#pragma once
#include <stdint.h>

#include "base/map.h"
#include "table/pattern.h"
#include "table/private.h"
#include "table/wording.h"

struct entry {			/* a skeleton on a port */
	const struct command *command;
	const char *wording;
	const struct skeleton *skeleton;
	uint64_t rank;		/* the best wins; no two are equal */
	struct entry *next;	/* the same whole text, or the same two ends; the best first */
};

struct usage {			/* what a leading literal alone asks for; the best of each province */
	const struct entry *entry;
	struct usage *next;
};

struct lead {
	struct str literal;
	unsigned ntails;
	unsigned *tail;		/* lengths of trailing literals, the longest first */
	struct usage *usage;
};

struct pattern_entry {
	const struct command *command;
	const char *pattern;
	const void *code;
	signed char arg[PATTERN_GROUPS_MAX];	/* by group number; -1: none */
};

struct pattern_list {
	unsigned n;
	struct pattern_entry **entry;
};

struct port {
	struct str number;
	struct map *exact;	/* squeezed text to struct entry */
	struct map *lead;	/* literal to struct lead */
	struct map *ends;	/* ends_key() to struct entry */
	struct map *claims;	/* while building */
	unsigned nlengths;
	unsigned *length;	/* of leading literals, the longest first; 0 among them */
	struct pattern_list first[256];
};

struct phrases {		/* courtesies of one end, squeezed */
	struct map *map;
	unsigned nlengths;
	unsigned *length;	/* the longest first */
};

struct matcher {
	unsigned nports;
	struct port **port;	/* the longest number first */
	struct phrases before, after;
};

/* lead, a byte that folded text never holds, tail; in the arena. */
struct str ends_key(struct arena *arena, struct str lead, struct str tail);
