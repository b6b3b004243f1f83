/* ctl - what the commands of smsctl share: the connection, listings, where files are.
 * Synchronous; one command a process, so what is allocated may live until its end. */
#pragma once
#include <argp.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

/* Exit statuses.  A wrong command line ends the process with CTL_USAGE by itself (argp). */
enum { CTL_DONE, CTL_FAILED, CTL_USAGE };

/* The commands: argv[0] is "smsctl NAME"; they return an exit status. */
int alias_main(int argc, char **argv);	/* of `smsctl tables alias` */
int audit_main(int argc, char **argv);
int blast_main(int argc, char **argv);
int db_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int evidence_main(int argc, char **argv);
int parked_main(int argc, char **argv);
int phone_main(int argc, char **argv);
int remind_main(int argc, char **argv);
int steer_main(int argc, char **argv);
int tables_main(int argc, char **argv);
int trace_main(int argc, char **argv);
int try_main(int argc, char **argv);
int understand_main(int argc, char **argv);
int unmatched_main(int argc, char **argv);
int user_main(int argc, char **argv);

/* Prints "smsctl NAME: text" on stderr and returns CTL_FAILED. */
int ctl_fail(const char *argv0, const struct err *err);

/* Prints how a command is called on stderr and returns CTL_USAGE. */
int ctl_usage(const char *argv0, const struct argp *argp);

/* Connects as the environment says (PGHOST, PGDATABASE, …; conf_env() filled it); the database is
 * hall unless said.  NULL, with ERR_PERM and a remedy, when it cannot.  Notices of the server are
 * not shown.  Ask it with table/ask.h. */
PGconn *ctl_connect(struct err *err);

/* Closes a connection (NULL: there was none) and returns the exit status; what was wrong is
 * printed.  result: an exit status, or -1 for CTL_FAILED. */
int ctl_finish(const char *argv0, PGconn *conn, int result, const struct err *err);

/* A folder that belongs to the hall ("sql", "commands"): of the checkout that the program stands in
 * (build/smsctl), else of the installation.  NULL when there is none.  Never to be freed. */
const char *ctl_datadir(const char *what);

/* smsd's configuration: SMSD_CONF, else the checkout's, else the installed one.  Never to be freed. */
const char *ctl_conf_file(void);

/* Who runs this: for the columns that record a change.  Behind sudo, the one who called it. */
const char *ctl_who(void);

/* Listings: rows of text become an aligned table, or with json an array of objects. */
enum ctl_kind {
	CTL_TEXT,
	CTL_NUMBER,	/* to the right; bare in JSON */
	CTL_BOOL,	/* t or f; yes and no, true and false */
	CTL_MSISDN,	/* masked */
};
enum ctl_where { CTL_BOTH, CTL_TABLE_ONLY, CTL_JSON_ONLY };

struct ctl_column {
	const char *name;	/* the key in JSON; the title in upper case */
	enum ctl_kind kind;
	enum ctl_where where;
};

struct ctl_table;
/* column is borrowed until ctl_table_print(). */
struct ctl_table *ctl_table_new(const struct ctl_column *column, unsigned n, bool json);
/* One cell a column, copied; NULL is an empty cell, null in JSON. */
void ctl_table_row(struct ctl_table *table, const char *const *cell);
/* All rows of a result whose columns stand in the same order. */
void ctl_table_result(struct ctl_table *table, const PGresult *res);
/* Prints, frees and leaves NULL behind.  A table without rows prints `empty` instead (JSON: []). */
void ctl_table_print(struct ctl_table **table, const char *empty, FILE *out);

/* Both for a single thing: a line a field, or a JSON object. */
void ctl_print_record(const struct ctl_column *column, unsigned n, const char *const *cell,
		      bool json, FILE *out);

/* For argp: every listing takes it. */
#define CTL_JSON_OPTION { "json", 'j', NULL, 0, "Print JSON instead of a table", 0 }

/* How the database stands against the files of sql/ (db.c). */
struct db_standing {
	unsigned pending, changed;	/* `smsctl db upgrade` applies them */
	unsigned edited, missing;	/* schema files that it refuses */
};
MUST_CHECK int db_standing(PGconn *conn, const char *dir, struct db_standing *out_r,
			   struct err *err);
