/* work - one text as onetx handles it: understood, run and answered by smsd's own tables and functions, so that
 * every design that is measured does the same business. */
#pragma once
#include <libpq-fe.h>

#include "base/uuid.h"
#include "flow/reply.h"
#include "text/msisdn.h"

/* The active command tables. */
struct work_hall {
	struct tables *tables;
	struct vocabulary *vocabulary;
};

/* Fails with ERR_INPUT when there is no active version, ERR_TEMP without a database.  Tips are left out. */
MUST_CHECK int work_hall_load(const char *conninfo, struct work_hall *hall_r, struct err *err);
void work_hall_free(struct work_hall *hall);

struct work {
	struct work *next;
	/* The text.  The strings belong to whoever made it. */
	struct uuid id;
	int64_t at_us;
	int32_t time;			/* the gateway's, as it came */
	struct msisdn msisdn;
	struct str raw, sender, port, link;
	uint64_t began_ns;
	/* work_understand() */
	struct match match;
	const char *value[PARAMS_MAX];	/* of the command's statement */
	/* Its run */
	PGresult *result;
	struct reply reply;
};

/* What the text asks for and with which parameters; results live in the arena. */
void work_understand(const struct work_hall *hall, struct work *work, struct arena *arena);
bool work_has_command(const struct work *work);
/* Renders the answer from work->result.  Fails with ERR_PERM as reply_make() does. */
MUST_CHECK int work_answer(const struct work_hall *hall, struct work *work, struct arena *arena, struct err *err);
