/* utf16 - UTF-16BE, as SMS with coding 2 carries it, to UTF-8 and back. Pure. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

/* An odd last octet and lone surrogates become U+FFFD. */
struct str utf16_to_utf8(struct arena *arena, struct str octets);
/* text must be well-formed UTF-8. */
struct str utf16_from_utf8(struct arena *arena, struct str text);
