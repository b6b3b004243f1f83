/* optout - the line by which a message says how to be sent no more of its class (hall.message_class).
 * Whoever makes the text of a message that no customer asked for adds it before counting segments; hall.door_put()
 * refuses one that lacks it.  Pure. */
#pragma once
#include "base/mem.h"

/* The text with the line behind it, after a space where the line begins with a letter of ASCII; as it is where it holds
 * the line already, or there is none.  Lives in the arena, or is the given text. */
struct str optout_append(struct arena *arena, struct str text, struct str line);
