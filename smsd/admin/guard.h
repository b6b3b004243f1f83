/* guard - who presented too many wrong tokens waits: a bucket of failures for each address, of bounded memory.  Tokens that
 * were right lately are let through, so that a stranger behind the same address locks nobody out.  Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { GUARD_HASH = 32 };

struct guard;
struct guard *guard_new(void);
void guard_free(struct guard **guard);
/* Seconds to wait; 0: may be looked at. */
unsigned guard_wait(struct guard *guard, const char *address, const unsigned char hash[GUARD_HASH], uint64_t now_ms);
void guard_failed(struct guard *guard, const char *address, uint64_t now_ms);
void guard_passed(struct guard *guard, const unsigned char hash[GUARD_HASH], uint64_t now_ms);
