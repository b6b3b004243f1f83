/* onetx - what its two sources of texts share; see onetx.c. */
#pragma once
#include "kannel/box.h"
#include "shapes.h"

enum { ONETX_OK, ONETX_FAILED, ONETX_USAGE, ONETX_CONNECTIONS_MAX = 64 };

struct onetx_conf {
	const char *conninfo;
	const struct shape *shape;
	unsigned connections, batch;
	/* Of texts made here: */
	uint64_t texts, warmup, first, subscribers, voucher, vouchers, seed;
	const char *mix, *to;
	/* Of texts from a gateway: */
	struct box_conf box;
};

/* Both print a JSON object and return an exit status. */
int direct_run(const struct onetx_conf *conf, const struct work_hall *hall);
int gate_run(const struct onetx_conf *conf, const struct work_hall *hall);
