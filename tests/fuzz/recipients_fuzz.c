/* recipients_fuzz - any file as a list of recipients: every row is good or has a reason, lines only grow, what comes
 * out is UTF-8 without NUL, and no number comes twice. */
#include <stdlib.h>

#include "base/map.h"
#include "text/fold.h"
#include "text/recipients.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void rows(struct recipients *r)
{
	struct arena *arena = arena_new();
	struct map *seen = map_new();
	const char *const *name;
	struct recipient row;
	unsigned n = recipients_columns(r, &name), line = 0;

	for (unsigned i = 0; i < n; i++)
		must(fold_utf8_ok(str_z(name[i])));
	while (recipients_next(r, &row)) {
		must(row.line > line);
		line = row.line;
		must((row.fault == RECIPIENT_GOOD) == !*row.why && fold_utf8_ok(str_z(row.why)));
		if (row.fault)
			continue;
		must(!map_put(seen, arena_str(arena, str_z(row.msisdn.text)), r));
		for (unsigned i = 0; i < n; i++)
			must(fold_utf8_ok(row.data[i]));
	}
	map_free(&seen);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct recipients *r = recipients_new(str_n((const char *)data, size), &err);

	if (r)
		rows(r);
	else
		must(err.class == ERR_INPUT && fold_utf8_ok(str_z(err.text)));
	recipients_free(&r);
	return 0;
}
