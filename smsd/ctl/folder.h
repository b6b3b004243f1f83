/* folder - the sources of command tables as files: NAME.yaml in a folder. */
#pragma once
#include "table/tables.h"

/* All *.yaml of a folder, sorted; names come without the folder.  Fails with ERR_INPUT when it
 * cannot be read or holds none. */
MUST_CHECK int folder_read(const char *dir, struct arena *arena, struct source **source_r,
			   unsigned *n_r, struct err *err);

/* Writes the sources into a folder, making it.  Refuses (ERR_INPUT, nothing written) when a file
 * that is there differs. */
MUST_CHECK int folder_write(const char *dir, const struct source *source, unsigned n,
			    struct err *err);
