/* http - the daemon's HTTP side on libmicrohttpd inside the libuv loop: /healthz, /readyz, /metrics,
 * and /api/v1 (admin/api.h).  A request may take a minute, however it dawdles. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/conf.h"
#include "base/err.h"

struct http;

/* What /readyz says: fills a one-line JSON detail, returns whether the hall can answer texts now. */
typedef bool http_ready_fn(void *arg, char *detail_r, size_t size);

/* Fails with ERR_PERM when the address cannot be bound (text says which, and the remedy). */
MUST_CHECK int http_new(uv_loop_t *loop, const struct conf *conf, http_ready_fn *ready, void *arg, struct http **http_r,
			struct err *err);
void http_free(struct http **http);
