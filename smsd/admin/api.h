/* api - /api/v1: from a request's head to its answer.  A call asks the database twice, over connections of the API's own:
 * whose token it is, before any of its body is read, and then for what it wants; each in a transaction that is its one
 * statement.  Nothing waits: whoever feeds it is told by a function when it goes on.  Bounded: past so many calls the answer
 * is 503.  Connections are made when they are first needed. */
#pragma once
#include <jansson.h>
#include <uv.h>

#include "admin/page.h"
#include "base/conf.h"

enum { API_LENGTH_NONE = -1, API_LENGTH_CHUNKED = -2 };

struct api_head {
	const char *method, *path;	/* as they came; the path without its query string, not decoded */
	const char *type, *authorization;	/* headers; NULL: not there */
	int64_t length;			/* of the body, or API_LENGTH_… */
	const char *from;		/* the client's address */
	json_t *query;			/* names to texts, decoded; NULL: it cannot be. Taken over */
};

enum call_state {
	CALL_WAITS,		/* for the database: give it nothing until `ready` */
	CALL_READS,		/* give it the body */
	CALL_ANSWERED,
};

struct api;
struct call;
/* The call that waited goes on: its state is another now.  Called from the loop. */
typedef void api_ready_fn(void *arg);

bool api_is_path(const char *path);	/* /api and all below it */

/* conf is borrowed. */
struct api *api_new(uv_loop_t *loop, const struct conf *conf, api_ready_fn *ready);
/* Answers all calls that wait, with 503; no new ones may follow. */
void api_stop(struct api *api);
void api_free(struct api **api);	/* after the last call; the loop has to turn once more */

struct call *call_new(struct api *api, const struct api_head *head, void *arg);
enum call_state call_state(const struct call *call);
void call_body(struct call *call, const char *bytes, size_t n);
void call_end(struct call *call);	/* the body is whole */
struct page *call_page(struct call *call);	/* of an answered one */
void call_free(struct call **call);
