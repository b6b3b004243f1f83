/* http - the daemon's HTTP side on libmicrohttpd inside the libuv loop: /healthz, /readyz, /metrics. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/err.h"

struct http;

/* What /readyz says: fills a one-line JSON detail, returns whether the hall can answer texts now. */
typedef bool http_ready_fn(void *arg, char *detail_r, size_t size);

/* Fails with ERR_PERM when the address cannot be bound (text says which, and the remedy). */
MUST_CHECK int http_new(uv_loop_t *loop, const char *listen, int port, http_ready_fn *ready, void *arg,
			struct http **http_r, struct err *err);
void http_free(struct http **http);
