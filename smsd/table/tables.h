/* tables - one whole version of the command tables, compiled: immutable, counted
 * by reference, read by any thread.  Made from YAML sources by tables_parse(), completed with what
 * the database knows by tables_bind(), asked by match.h. */
#pragma once
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "text/template.h"

enum { ARGS_MAX = 8, OUTCOMES_MAX = 64, PARAMS_MAX = 16 };

enum risk { RISK_QUERY, RISK_CHANGE, RISK_CHARGE, RISK_MONEY, RISK_IDENTITY };
enum lang { LANG_ZH, LANG_EN, LANGS };
enum param { PARAM_MSISDN, PARAM_MO_ID, PARAM_NOW, PARAM_LANG, PARAM_PORT, PARAM_LINK, PARAM_ARG };

const char *risk_name(enum risk risk);
const char *lang_name(enum lang lang);		/* "zh" */
enum lang lang_parse(struct str name);		/* what is not "en" is zh */

/* A place in a source, for messages. */
struct place {
	const char *file;
	unsigned line, column;	/* from 1 */
};

struct text2 {			/* one text in each language; NULL source: not given */
	struct str source[LANGS];
	struct place place[LANGS];
	struct template *template[LANGS];	/* after tables_bind() */
};

struct command_arg {
	const char *name;
	const struct kind *kind;	/* kind.h */
	const char *kind_name;
	const char *pattern;	/* PCRE2 on the squeezed value; NULL: the kind's own */
	void *pattern_code;	/* pcre2_code, JIT compiled */
	bool secret;
	struct place place;
};

struct command_param {
	enum param source;
	unsigned arg;		/* with PARAM_ARG */
	const char *name;
};

struct outcome {
	const char *name;
	bool effect;			/* something was done: a repeat gets this answer again */
	struct text2 text;
	struct place place;
};

struct command {
	const char *table, *name;
	const char *id;			/* "table.name": unique in a version */
	const char *about;
	enum risk risk;
	struct str province;		/* empty: the group's */
	unsigned nargs;
	struct command_arg *arg;
	const char *sql;		/* as written */
	const char *sql_numbered;	/* with $1 … */
	struct place sql_place;
	unsigned nparams;
	struct command_param *param;
	unsigned noutcomes;
	struct outcome *outcome;
	struct text2 usage;		/* answer when the arguments are missing or malformed; may be absent */
	const char *tip;		/* tip group, or NULL */
	unsigned timeout_ms, rows;	/* limits; defaults 2000 and 20 */
	unsigned repeat_s;		/* within which a repeated text is not run again; 0: always */
	unsigned nundoes;		/* commands whose effect this one's ends */
	struct command **undoes;
	struct place place;
	unsigned index;			/* 0 .. tables->ncommands */

	/* After tables_bind(): */
	const char *function;		/* "hall_cmd.f_…" */
	const char *statement;		/* SELECT … FROM hall_cmd.f_…($1, …) LIMIT rows, text of the prepared statement */
	unsigned ncolumns;		/* template names are: the columns, then the arguments, then msisdn, now, port */
	const char **column;
	int outcome_column;
};

struct tip {
	const char *name;
	unsigned nfor;
	const char **for_group;
	struct text2 text;
	unsigned cap, cap_days;		/* at most cap times in cap_days days; cap 0: no limit */
	unsigned weight;		/* >= 1 */
	unsigned control;		/* percent of subscribers who never see it */
	struct place place;
};

struct example {
	const struct command *command;
	const char *text;
	const char *from, *to;		/* sample subscriber, port; may be NULL */
	const char *expect;		/* outcome; NULL: any but error */
	const char *says;		/* the reply contains this; NULL */
	struct place place;
};

struct answer {			/* the engine's own texts: unknown, error */
	const char *name;
	struct text2 text;
	struct place place;
};

struct tables {
	struct arena *arena;
	int refs;			/* the loop's thread only */
	bool repeats;			/* some command has a repeat_window */
	int version;			/* hall.table_version.id; 0: not stored */
	unsigned ncommands, ntips, nexamples, nanswers;
	struct command **command;
	struct tip **tip;
	struct example *example;
	struct answer *answer;
	struct matcher *matcher;	/* match.c */
};

/* What is wrong or doubtful in the sources. */
enum { PROBLEM_ERROR, PROBLEM_WARNING };
struct problem {
	int level;
	struct place place;
	const char *text;	/* what (remedy) */
};
struct problems {
	struct arena *arena;
	struct problem *list;
	unsigned n, errors;
};
void problem_add(struct problems *problems, int level, struct place place, const char *format, ...)
	PRINTF_LIKE(4, 5);
void problems_sort(struct problems *problems);	/* by file, line, column; repeated ones dropped */

struct source {
	const char *name;	/* services.yaml */
	struct str content;
};

/* Parses and checks all sources offline, reporting every problem at once.  Always returns tables (to be
 * released); they may be used only when problems->errors stayed 0. */
struct tables *tables_parse(const struct source *source, unsigned n, struct problems *problems);

/* What the database said of a command (hall.table_function). */
struct binding {
	const char *command, *function;
	unsigned ncolumns;
	const char **column;
	unsigned noutcomes;	/* 0: not an enum */
	const char **outcome;
};

/* Completes the commands: function, statement, columns; compiles the templates against them.  Reports unknown
 * template names, outcomes without reply, replies for outcomes that cannot come. */
void tables_bind(struct tables *tables, const struct binding *binding, unsigned n, struct problems *problems);

struct tables *tables_ref(struct tables *tables);
void tables_unref(struct tables **tables);

/* The reply of an outcome; NULL when there is none. */
const struct outcome *command_outcome(const struct command *command, struct str name);
/* The engine's own text; tables that passed the check have unknown and error. */
const struct template *tables_answer(const struct tables *tables, const char *name, enum lang lang);
