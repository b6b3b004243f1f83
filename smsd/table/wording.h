/* wording - a `say` line and the skeletons it stands for: `[查](余额|话费){month}`
 * is four runs of literals and arguments.  Literals are folded and squeezed. */
#pragma once
#include "base/mem.h"
#include "table/tables.h"

enum { WORDING_EXPANSIONS_MAX = 512, WORDING_ELEMENTS_MAX = 2 * ARGS_MAX + 1 };

struct element {
	struct str literal;	/* ptr NULL: an argument */
	unsigned char arg;
	bool strict;		/* {arg!} */
	bool single;		/* one Latin letter: must stand apart from an argument beside it */
};

struct skeleton {
	unsigned n;
	struct element *element;
	unsigned fixed;		/* bytes of all its literals */
	unsigned args;		/* which it holds, one bit each */
};

/* offset: byte in the wording where the trouble begins. */
typedef void wording_error_fn(void *arg, size_t offset, const char *text);

/* All skeletons of a wording, each once, in the arena; their number, 0 after telling fn what is
 * wrong. Sets the bits of named arguments in *named. */
unsigned wording_expand(struct arena *arena, struct str source, const struct command *command,
			wording_error_fn *fn, void *arg, struct skeleton **list_r, unsigned *named);

bool skeleton_exact(const struct skeleton *skeleton);	/* no arguments */
/* Equal keys mean equal skeletons; arguments count by name, or (named false) only by their
 * places. */
struct str skeleton_key(struct arena *arena, const struct skeleton *skeleton, bool named);
