/* conf - smsd.yaml: read once at start; any mistake is reported with file and
 * line, all of them at once, and the daemon does not start. */
#pragma once
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

enum { CONF_GATEWAYS_MAX = 16, CONF_PORTS_MAX = 64 };

struct conf_gateway {		/* one bearerbox */
	const char *name;	/* main */
	const char *host;	/* 127.0.0.1 */
	int port;		/* smsbox-port, 13001 */
	const char *boxc_id;	/* smsd: as in `group = smsbox-route` */
	const char *bulk_boxc_id;	/* of a second connection, for what no customer asked for; NULL: none */
	bool tls;
	const char *tls_ca;	/* PEM; NULL: the peer is not verified */
	const char *tls_name;	/* NULL: not compared */
};

struct conf {
	struct arena *arena;
	const char *instance;		/* unique among the smsd of one database */
	unsigned ngateways;
	struct conf_gateway gateway[CONF_GATEWAYS_MAX];
	unsigned nports;
	const char *port[CONF_PORTS_MAX];	/* our own short codes: never answered as senders */
	const char *db_conninfo;	/* libpq connection string */
	unsigned db_connections;	/* 1 .. 16 */
	unsigned batch_max;		/* texts a batch, 1 .. 1024 */
	unsigned in_flight_max;		/* texts taken and not yet acknowledged, over all gateways */
	const char *admin_listen;	/* 127.0.0.1 */
	int admin_port;			/* 0: none */
	const char *admin_api;		/* /api/v1 too: on | off */
	const char *seal_key_file;	/* 32 octets in hex; made by `smsctl db key FILE` */
	const char *report_for;		/* delivery reports for replies: none | changes | all */
	unsigned drain_s;		/* SIGTERM: how long to finish what is under way */
	unsigned retention_days;	/* of hall.mo, hall.mt, hall.contact */
	unsigned door_rate;		/* messages a second that no customer asked for */
	enum log_level log_level;
};

/* Prints every problem as file:line:col to errors and fails with ERR_INPUT. */
MUST_CHECK int conf_read(const char *file, struct conf *out_r, FILE *errors, struct err *err);
void conf_free(struct conf *conf);

/* The option table as text (name, type, default, meaning): for the manual, and for the test that compares it with
 * kannel-conf/smsd.yaml and its README. */
void conf_options(FILE *out);

/* Reads shell assignments (NAME=value, quotes allowed) into the environment without overwriting: how smsctl finds
 * the hall of `make run` (var/env beside the executable's build folder) or /etc/smshall/env. Missing is fine. */
void conf_env(const char *argv0);
