/* template - reply texts with holes: a checked subset of mustache.
 *
 *   {{name}} {{name|filter}} {{name|filter:argument}} {{name|f|g}}
 *   {{#name}}…{{/name}}   over all rows when name is `rows` (inside, names are the columns of that row; the
 *                         pseudo-column {{.n}} counts from 1, {{^last}}, {{/last}} wraps what stands between rows);
 *                         else once, when the value is not NULL, not empty, not "f"/"false" and not a zero number
 *   {{^name}}…{{/name}}   when it is
 *   {{! a comment }}      nothing
 * Text is plain: nothing is escaped.
 *
 * Filters (value in, text out; NULL gives an empty text; a value a filter cannot read is left as it is):
 *   yuan        numeric yuan: two decimals, none when whole ("5", "5.50")
 *   fen         the same from integer fen
 *   date        2026-11-22 from any date or timestamptz text; date:md gives 11月22日 in zh and Nov 22 in en,
 *               date:ymd 2026年11月22日 / Nov 22 2026
 *   time        HH:MM       datetime  2026-11-22 08:30
 *   month       2026年9月 / Sep 2026 from 2026-09-01, 202609 or 2026-09
 *   mask        138****1234 for numbers; for others all but the last four become '*'
 *   percent     0.125 → 12.5%
 *   size        data volume from a number of MB: 512MB, 1.5GB (1024)
 *   upper lower
 *   or:TEXT     TEXT when NULL or empty
 * Pure; a compiled template may be used from several threads. */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct template;

/* Where the holes are filled from.  get() answers a column of a row (row 0 for what stands outside
 * sections over rows, even when there
 * are no rows); a NULL ptr is SQL's NULL. */
struct template_data {
	unsigned rows;
	struct str (*get)(void *arg, unsigned row, unsigned column);
	void *arg;
	const char *lang;	/* "zh" or "en": words of dates */
};

struct template_error {
	unsigned offset;	/* byte in the source where the trouble begins */
	char text[256];		/* what, and the remedy */
};

/* names[0..n) are the columns that may be used; the compiled template refers to them by position.
 * Returns NULL and reports through fn (several times, one a problem) when something is wrong:
 * unknown name (with "did you mean"), unknown filter, unclosed or crossed section. The template
 * lives in the arena. */
typedef void template_error_fn(void *arg, const struct template_error *error);
struct template *template_new(struct arena *arena, struct str source, const char *const *names,
			      unsigned n, template_error_fn *fn, void *arg);

/* Appends to out. */
void template_render(const struct template *template, const struct template_data *data, struct buf *out);

/* Whether the column is used anywhere. */
bool template_uses(const struct template *template, unsigned column);
