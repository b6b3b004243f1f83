/* seal - what must be kept to run a text again, encrypted with the hall's key
 * (libsodium secretbox; 32 octets, kept outside the database as 64 hex digits). */
#pragma once
#include "base/err.h"
#include "base/mem.h"

enum { SEAL_KEY = 32 };

struct seal {
	unsigned char key[SEAL_KEY];
};

/* Fails with ERR_INPUT: file missing, not 64 hex digits, or readable by others. */
MUST_CHECK int seal_read_key(const char *file, struct seal *out_r, struct err *err);

/* The result lives in the arena: nonce and box. */
struct str seal_close(const struct seal *seal, struct arena *arena, struct str plain);
/* A keyed fingerprint: tells equal texts, and nothing else. */
enum { SEAL_HASH = 16 };
void seal_hash(const struct seal *seal, struct str plain, unsigned char out[SEAL_HASH]);

/* Fails with ERR_PERM when it was sealed with another key or changed. */
MUST_CHECK int seal_open(const struct seal *seal, struct arena *arena, struct str sealed,
			 struct str *plain_r, struct err *err);
