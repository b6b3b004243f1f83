/* lines - a server on 127.0.0.1 whose clients talk in lines of text.  What is written goes out
 * once a turn of the loop; a client that does not read is disconnected, never waited for. */
#pragma once
#include <uv.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct lines;
struct lines_client;
struct lines_events {
	void *(*came)(void *arg, struct lines_client *client);	/* the client's data from now on */
	void (*line)(void *data, struct str line);		/* without its end */
	void (*gone)(void *data);
};

/* port 0: any free one.  Fails with ERR_PERM when it cannot be had. */
MUST_CHECK struct lines *lines_new(uv_loop_t *loop, int port, const struct lines_events *events,
				   void *arg, struct err *err);
void lines_free(struct lines **lines);
int lines_port(const struct lines *lines);

struct buf *lines_out(struct lines_client *client);	/* append here, newlines included */
void lines_hang_up(struct lines_client *client);	/* once all was written */

/* One line's text: newline, return, tab and backslash as \n, \r, \t, \\. */
void lines_escape(struct buf *out, struct str text);
void lines_unescape(struct buf *out, struct str text);
