/* optout - see optout.h. */
#include "text/optout.h"

struct str optout_append(struct arena *arena, struct str text, struct str line)
{
	if (!line.len || (text.len && memmem(text.ptr, text.len, line.ptr, line.len)))
		return text;
	bool apart = text.len && (unsigned char)line.ptr[0] < 0x80 && !strchr(" \n", text.ptr[text.len - 1]);
	return arena_printf(arena, "%.*s%s%.*s", STR_ARG(text), apart ? " " : "", STR_ARG(line));
}
