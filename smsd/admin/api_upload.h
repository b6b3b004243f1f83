/* api_upload - a list of recipients that came by HTTP, read in the thread pool, for a large one takes a second or two: CSV as
 * text/recipients.h takes it, or {"recipients": [{msisdn, lang, …}]}.  What is good comes out in portions of JSON for
 * hall.request_load(), what is bad is told by line. */
#pragma once
#include <jansson.h>
#include <uv.h>

#include "admin/api_body.h"
#include "base/mem.h"

struct upload;
/* Called from the loop when all is read, or as soon as the upload was dropped. */
typedef void upload_fn(void *arg);

struct upload_of {
	bool csv;			/* else JSON */
	const char *const *column;	/* the blast's, copied */
	const bool *required;		/* an empty value is a fault */
	unsigned n;
	unsigned shown;			/* so many bad rows are told one by one */
};
/* content is taken over and left empty. */
struct upload *upload_new(uv_loop_t *loop, struct buf *content, const struct upload_of *of, upload_fn *fn, void *arg);
/* At any moment; the memory goes when the pool is done with it. */
void upload_drop(struct upload **upload);

/* NULL, or why none of it can be used. */
const struct api_problem *upload_problem(const struct upload *upload);
unsigned upload_rows(const struct upload *upload);	/* good and bad */
unsigned upload_bad(const struct upload *upload);
/* {"bad": {reason: how many}, "rows": [{line, reason, why}, …]}, the first ones; to be freed. */
json_t *upload_faults(const struct upload *upload);
/* The next portion, [[line, msisdn, lang, [value, …]], …]; ptr NULL at the end.  Lives until the next call. */
struct str upload_portion(struct upload *upload);
