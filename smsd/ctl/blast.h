/* blast - what the files of `smsctl blast` share.  What may be done is decided by the functions hall.blast_…,
 * which the HTTP API calls too; here are command line, files and what people see. */
#pragma once
#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "flow/press.h"
#include "queries.h"
#include "text/recipients.h"

/* ---- the desk (blast.c) ---- */

enum { BLAST_WORDS_MAX = 12 };

/* The command line; what was not given is NULL. */
struct blast_args {
	const char *word[BLAST_WORDS_MAX];	/* the subcommand, the blast, numbers */
	unsigned nwords;
	const char *as, *class, *zh, *en, *texts, *ab, *csv, *segment, *errors, *control, *spread, *rate, *from,
		*until, *port, *over_cap, *steers, *note, *hash, *why, *at, *price, *now, *state, *sample, *interval,
		*out;
	bool keep_good, add, all, whole, json;
};

struct desk {
	PGconn *conn;
	struct arena *arena;
	const struct blast_args *args;
	const char *blast;	/* the second word */
	const char *who;	/* as the functions take it; NULL: whoever is logged in */
};

/* Asks hall.blast_…(who, param …).  0 and the detail, to be json_decref()ed, when the outcome is ok; else
 * the reason and the remedy; and, for who wants to know more (outcome_r is not NULL), outcome and detail. */
MUST_CHECK int blast_call(struct desk *desk, enum query query, unsigned n, const char *const *param,
			  json_t **detail_r, const char **outcome_r, struct err *err);
/* Of a detail: "" when it is absent or null. */
const char *blast_get(struct desk *desk, const json_t *detail, const char *key);
long long blast_number(const json_t *detail, const char *key);
/* An object or array on stdout, with a line end. */
void blast_print_json(const json_t *json);
/* 1234567 as 1,234,567. */
const char *blast_thousands(struct desk *desk, long long n);
/* A time of JSON (2026-11-22T01:00:00+00:00) as people in China write it; "-" for none. */
const char *blast_time(struct desk *desk, const char *json_time);

/* An option's time in PostgreSQL's writing: it knows zones, and its clock decides.  NULL and "" stay. */
MUST_CHECK int blast_moment(struct desk *desk, const char *option, const char **time, struct err *err);
/* smsd's configuration, to be conf_free()d; false where it cannot be read. */
struct conf;
bool blast_conf(struct conf *conf_r);
/* 2 h 45 min */
const char *blast_span(struct desk *desk, double seconds);
/* Appends " (12 opted_out, 3 blocked)" of an object of counts; nothing when it is empty. */
void blast_reasons(struct desk *desk, const json_t *whys, struct buf *out);

/* The subcommands that are more than a call. */
int blast_make_new(struct desk *desk, struct err *err);
int blast_make_edit(struct desk *desk, struct err *err);
int blast_make_submit(struct desk *desk, struct err *err);
int blast_preview(struct desk *desk, struct err *err);
int blast_test(struct desk *desk, struct err *err);
int blast_list(struct desk *desk, struct err *err);
int blast_show(struct desk *desk, struct err *err);
int blast_watch(struct desk *desk, struct err *err);
int blast_report(struct desk *desk, struct err *err);
int blast_export(struct desk *desk, struct err *err);
int blast_log(struct desk *desk, struct err *err);

/* ---- files (blast_file.c) ---- */

/* The whole of a file, mapped where that can be: it may be large.  For the rest of the process. */
MUST_CHECK int blast_file(const char *path, struct str *content_r, struct err *err);

/* ---- texts (blast_text.c) ---- */

enum { BLAST_VARIANTS_MAX = 8, BLAST_ZH = 0, BLAST_EN = 1, BLAST_LANGS = 2 };
extern const char *const blast_lang[BLAST_LANGS];

struct blast_text {
	const char *file;	/* NULL: from the database */
	unsigned line, column;	/* where its value begins */
	const struct yaml_node *node;	/* of a file of YAML, else NULL */
	struct str source;
	struct template *template;
};

struct blast_texts {
	unsigned n;
	struct {
		const char *name;
		unsigned share;
		struct blast_text text[BLAST_LANGS];
	} variant[BLAST_VARIANTS_MAX];
};

/* How the command line says them; what is absent is NULL. */
struct blast_texts_from {
	const char *zh, *en;	/* files that are the text */
	const char *yaml;	/* {zh, en}, or variants {NAME: {share, zh, en}} */
	const char *ab;		/* NAME=FILE.yaml:SHARE,… */
};

/* Fails with ERR_INPUT: file, line, what, remedy. */
MUST_CHECK int blast_texts_read(struct arena *arena, const struct blast_texts_from *from,
				struct blast_texts *out_r, struct err *err);
/* As hall.blast_show() gives them: texts and variants. */
void blast_texts_of(struct arena *arena, const json_t *detail, struct blast_texts *out_r);
/* Adds texts and variants, as hall.blast_apply() takes them. */
void blast_texts_json(const struct blast_texts *texts, json_t *changes);

/* Compiles all with these columns.  Every problem is printed on `problems` as file:line:column; returns
 * how many there are. */
unsigned blast_texts_compile(struct arena *arena, struct blast_texts *texts, const char *const *column,
			     unsigned n, const char *argv0, FILE *problems);
/* Whether any would have a gap where the column is empty. */
bool blast_texts_need(const struct blast_texts *texts, const char *column);

/* ---- messages (blast_press.c) ---- */

/* Its texts, compiled; and the blast as hall.blast_show() tells it, to be json_decref()ed after the last use.  NULL with err. */
struct press *blast_press(struct desk *desk, json_t **blast_r, struct err *err);
/* The strings of an array. */
const char *const *blast_names(struct desk *desk, const json_t *list, unsigned *n_r);
/* Rows of the list, evenly chosen, as hall.blast_rows() gives them; to be cleared. */
PGresult *blast_rows(struct desk *desk, unsigned most, struct err *err);

/* ---- recipients (blast_list.c, blast_segment.c) ---- */

/* Where recipients come from: a file, or a query. */
struct blast_source {
	const char *name;		/* of the file, for messages */
	unsigned columns;
	const char *const *column;
	const char *format;		/* "UTF-8, separated by commas" */
	bool query;			/* then lines are rows of its result */
	/* 1 and a row; 0 at the end; -1 with err. */
	int (*next)(void *arg, struct recipient *out_r, struct err *err);
	void (*require)(void *arg, unsigned column);
	void (*close)(void *arg);
	void *arg;
};

MUST_CHECK int blast_csv_open(struct arena *arena, const char *path, struct blast_source *out_r,
			      struct err *err);
/* Checks the query in the file, and runs it as hall_segment on a connection of its own. */
MUST_CHECK int blast_segment_open(struct arena *arena, const char *path, struct blast_source *out_r,
				  struct err *err);

struct blast_counts {
	unsigned long rows, good, bad[RECIPIENT_FAULTS];
};

/* Copies all good rows to hall.blast_load under this load, on a connection with an open transaction.
 * The first bad ones are printed on stderr as name:line, all into the file errors (NULL: nowhere). */
MUST_CHECK int blast_load(PGconn *conn, struct blast_source *source, const struct uuid *load,
			  const char *errors, struct blast_counts *counts_r, struct err *err);
