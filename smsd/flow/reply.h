/* reply - from what a text asked for and what its SQL answered to the message
 * that goes out: outcome, wording in the subscriber's language, segments, tip.
 * Pure but for reading a PGresult; the daemon and `smsctl try` share it. */
#pragma once
#include <libpq-fe.h>

#include "base/uuid.h"
#include "flow/dialogue.h"
#include "table/match.h"
#include "text/segment.h"

enum { REPLY_SEGMENTS_MAX = 10 };	/* longer answers are cut at a whole character, and logged */

/* A tip that was shown to the subscriber before (hall.tip_seen), within its cap's days. */
struct tip_count {
	struct str tip;
	unsigned times;
};

struct reply_input {
	const struct tables *tables;
	const struct match *match;
	const PGresult *result;		/* of the command's SQL; NULL when none ran */
	bool failed;			/* an error of ours: the apology */
	enum lang lang;
	struct str msisdn, port;
	struct str now;			/* as bound to :now */
	const struct uuid *mo_id;	/* which of several tips: decided by it, so a rerun decides the same */
	const struct tip_count *tip_counts;
	unsigned ntip_counts;
	bool tip_room;			/* the sender may be shown a tip now (hall.tip_room()) */
	const struct match_context *context;	/* who he is, for a tip's audience; NULL: no tip */
	unsigned within_s;		/* {{within}} */
};

struct reply {
	struct str outcome;		/* of the SQL; or none, unknown, usage, error */
	struct str text;		/* lives in the arena */
	unsigned segments;
	const struct tip *tip;		/* that rides in it; NULL */
	const struct tip *withheld;	/* that would, were he not in its control group; NULL */
};

/* The engine's own text, with its values (enum answer_value; row r's `n` is r + 1 and its `what` is what[r]).  What the tables do not
 * have is answered as unknown. */
struct answer_input {
	const struct tables *tables;
	const char *name;
	enum lang lang;
	struct str value[ANSWER_VALUES];
	unsigned nrows;
	const struct str *what;
};
struct str reply_answer(const struct answer_input *in, struct arena *arena);
/* A text of a table that has no values but msisdn, now and port: steps, titles, labels. */
struct str reply_plain(const struct text2 *text, const struct reply_input *in, struct arena *arena);
/* Counts the segments, and cuts what is too long. */
void reply_measure(struct arena *arena, struct reply *reply);
/* 10分钟, 24 hours. */
struct str reply_span(struct arena *arena, unsigned seconds, enum lang lang);
/* The time of day in China, with the day where it is not today. */
struct str reply_moment(struct arena *arena, int64_t at_us, int64_t now_us);

/* Fails with ERR_PERM when the SQL's outcome has no reply: the table and the function disagree. */
MUST_CHECK int reply_make(const struct reply_input *in, struct arena *arena, struct reply *out_r,
			  struct err *err);

/* Whether a tip could ride in the answer of match->command, as far as can be told before its SQL has run; tip_room is not looked at. */
bool reply_may_tip(const struct reply_input *in);

/* The parameters of a command's statement, as text; out has room for PARAMS_MAX.  Values borrowed from the
 * arguments and the arena; NULL for an argument that was not given. */
struct param_input {
	const struct match *match;
	struct str msisdn, port, link, now;
	const struct uuid *mo_id;
	enum lang lang;
	const struct slots *quoted;	/* the question's columns; NULL */
	const char *hash_new;		/* bound for arguments of the kind new_password; NULL */
};
void reply_params(const struct param_input *in, struct arena *arena, const char **out);
