/* page - what is sent back: made whole in memory. */
#pragma once
#include "base/mem.h"

struct page {
	unsigned status;
	const char *type;
	struct buf body;
	const char *file;	/* offer it under this name; NULL: show it */
	unsigned retry_s;	/* Retry-After; 0: none */
	bool authenticate;	/* WWW-Authenticate */
	char allow[48];		/* "": no Allow */
	char request[40];	/* X-Request-Id; "": none */
};
