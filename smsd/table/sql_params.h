/* sql_params - the `:name` parameters of a command's SQL, as PostgreSQL's $1, $2 …
 * Knows what is no parameter: quoted texts and names, dollar quotes, comments, casts. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

enum { SQL_PARAMS_MAX = 16 };

struct sql_param {
	struct str name;
	size_t offset;		/* of its first ':' */
};

struct sql_params {
	const char *numbered;	/* with $n, one number for each name, without the ; at the end */
	unsigned n;
	struct sql_param param[SQL_PARAMS_MAX];
	bool too_many;
	/* What cannot be right; NULL: nothing.  With its offset. */
	const char *wrong;
	size_t wrong_offset;
};

/* Results live in the arena. */
void sql_params(struct arena *arena, struct str sql, struct sql_params *out_r);
