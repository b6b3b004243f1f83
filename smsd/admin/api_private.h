/* api_private - what the files of the API share: api.c (calls), api_link.c (the database), api_answer.c (what is said). */
#pragma once
#include "admin/api.h"
#include "admin/api_route.h"
#include "admin/api_upload.h"
#include "admin/guard.h"
#include "db/db.h"
#include "flow/press.h"

enum { API_PENDING_MAX = 256,		/* calls that wait for the database; then 503 */
       API_UPLOADS_MAX = 2,		/* lists of recipients in memory at once; then 503 */
       API_DOWN_MS = 3000,		/* so long a call waits for a connection, */
       API_BUSY_MS = 20000 };		/* … so long for its turn; then 503 */

struct link {
	struct api *api;
	const char *label;
	struct db *db;			/* NULL until it is first needed */
	struct call *first, **last;	/* not sent yet */
	struct call *sent_first, **sent_last;
	unsigned sent, sent_max;	/* pipelined */
	unsigned stuck_ms;		/* no answer for so long: the connection is given up */
	enum query timeout;		/* the statement that sets it */
	bool in_result;			/* nothing may be sent from there */
};

enum { LINK_FAST, LINK_SLOW, LINKS };

struct api {
	uv_loop_t *loop;
	const struct conf *conf;
	api_ready_fn *ready;
	struct guard *guard;
	struct link link[LINKS];
	uv_timer_t tick, purge;
	unsigned open_handles;
	unsigned pending, uploads;
	struct call *reading[API_UPLOADS_MAX];	/* their lists are in the pool; NULL: none */
	bool stopped;
};

/* Of a blast, beside what the route asks: STEP_LOOK: what it is; STEP_LOAD: a portion of its recipients; STEP_EMPTY: values
 * that its texts lack; STEP_TESTERS: whom a test goes to; STEP_ROWS: some recipients, to show their messages. */
enum call_step { STEP_TOKEN, STEP_BODY, STEP_LOOK, STEP_LOAD, STEP_EMPTY, STEP_TESTERS, STEP_ROWS, STEP_QUERY };
enum body_type { TYPE_NONE, TYPE_JSON, TYPE_CSV, TYPE_OTHER };

struct call {
	struct call *next;		/* on a link */
	struct api *api;
	struct link *link;
	void *arg;
	enum call_state state;
	enum call_step step;
	struct arena *arena;
	const char *method;
	const struct route *route;	/* NULL: there is none */
	const char *value[ROUTE_VALUES];
	json_t *query, *body, *items;
	enum body_type type;
	int64_t length;
	size_t limit;
	struct buf in;
	unsigned char hash[GUARD_HASH];
	char token_head[4];		/* for the log */
	char from[48];
	int token;
	const char *who;
	unsigned roles;
	uint64_t begun_ns, queued_ms, sent_ms;
	bool pending;
	PGresult *res;
	json_t *blast;			/* as hall.blast_show() tells it */
	struct press *press;		/* its texts, compiled; NULL: not yet, or they do not compile */
	json_t *made;			/* on the way: what the next statement or the answer is made of */
	PGresult *testers;
	struct upload *upload;
	bool uploading;			/* counted in uploads */
	struct str portion;
	char code[32];			/* of the refusal, for the log */
	struct page page;
};

/* api_answer.c: each ends the call. */
void call_refuse(struct call *call, unsigned status, const struct api_problem *problem);
void call_refuse_text(struct call *call, unsigned status, const char *code, const char *remedy, const char *message);
void call_unavailable(struct call *call, unsigned retry_s, const char *code, const char *message);
void call_failed(struct call *call);		/* res is an error, or NULL: the connection was lost */
void call_outcome(struct call *call);		/* res: outcome, detail */
void call_say(struct call *call, json_t *json);	/* it went well; taken over */
/* detail is taken over */
void call_refuse_detail(struct call *call, unsigned status, const char *code, const char *message, json_t *detail);
void call_ended(struct call *call);		/* page is complete */

/* api_link.c */
void link_init(struct api *api);
void link_stop(struct api *api);
void link_add(struct link *link, struct call *call);	/* sends its step when it can */

/* api_blast.c: what of a blast is more than one statement. */
bool api_blast_wants_look(const struct call *call);	/* its body was checked */
void api_blast_look(struct call *call);		/* the body is whole */
void api_blast_step_done(struct call *call);	/* of STEP_LOOK, STEP_LOAD, and of STEP_QUERY that went well */
void api_blast_drop(struct call *call);
void api_blast_stop(struct api *api);

/* api.c: the answer to a step is in res. */
void call_step_done(struct call *call);
