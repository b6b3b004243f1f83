/* tables - one whole version of the command tables, compiled: immutable, counted
 * by reference, read by any thread.  Made from YAML sources by tables_parse(), completed with what
 * the database knows by tables_bind(), asked by match.h. */
#pragma once
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "table/cron.h"
#include "text/template.h"

enum { ARGS_MAX = 8, OUTCOMES_MAX = 64, PARAMS_MAX = 16, CHOICES_MAX = 20 };

enum risk { RISK_QUERY, RISK_CHANGE, RISK_CHARGE, RISK_MONEY, RISK_IDENTITY };
enum lang { LANG_ZH, LANG_EN, LANGS };
enum param {
	PARAM_MSISDN, PARAM_MO_ID, PARAM_NOW, PARAM_LANG, PARAM_PORT, PARAM_LINK,
	PARAM_TRIGGER, PARAM_LEVEL, PARAM_STEP,	/* of reminders alone */
	PARAM_ARG,
	PARAM_ASKED,		/* a column of what the customer was asked (confirm.sql) */
};
enum need { NEED_NOTHING, NEED_PASSWORD, NEED_OTP };

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

/* `confirm`: asks before it does.  The SQL of the question is a command of its own (quote), whose outcome ok asks. */
struct confirm {
	struct command *quote;		/* "table.name.confirm"; its parent is the command */
	struct text2 ask;
	unsigned naccept, ndecline;	/* 0: the usual words */
	struct str *accept, *decline;	/* folded, squeezed */
	unsigned within_s;
	struct place place;
};

struct step {			/* asks for an argument that is missing */
	unsigned arg;
	struct text2 ask, retry;	/* retry: asked again when the answer was no such value */
	struct place place;
};

/* An argument of another command: a value as a customer would write it, or a column of the result. */
struct with {
	const char *name, *value;
	unsigned arg;		/* by position in that command, after the check */
	struct place place;
};

struct choice {
	struct text2 label;
	const char *runs;	/* as written */
	struct command *command;	/* after the check */
	unsigned nwith;
	struct with *with;
	struct place place;
};

struct opens {			/* the next answer goes to that command */
	const char *name;
	struct command *command;	/* after the check */
	unsigned non;
	const char **on;	/* outcomes; none: ok */
	unsigned within_s;
	unsigned nwith;
	struct with *with;	/* value: the column */
	unsigned arg;		/* the answer becomes this argument */
	struct place place;
};

/* A reminder: messages that no customer asked for, after another channel reported its trigger, or by a schedule.  Its SQL
 * gives a row a message: msisdn, perhaps lang, and what the text needs.  It is verified, bound and run as a command's; the
 * texts are the command's outcomes, one for each step. */
struct reminder {
	const char *on;			/* the trigger's name; NULL: by schedule */
	const char *every, *zone;	/* as written */
	struct cron cron;
	const char *class;		/* hall.mt_class: service, notice, commercial, otp */
	unsigned nonce;
	const char **once;		/* once_per: the columns that must not repeat ... */
	unsigned once_days;		/* ... in so many days; 0: may */
	bool series;
	unsigned nsteps;		/* 1, or those of the series */
	unsigned *after_s;		/* of each step: so long after the trigger */
	unsigned levels, wait_s;	/* escalation: so many at most, and how long each waits; 0: none */
	unsigned control;		/* percent of subscribers who are never sent it */
	const char *steers;		/* the e-channel, or the column that names it; NULL: none */
	bool steers_column;
	unsigned until_s;		/* it makes sense so long, or: */
	int until_min;			/* until that minute of the day in its zone; -1 */
	struct place place, steers_place;
	const char *keep;		/* after tables_bind(): INSERT INTO hall.reminder_row SELECT … */
};

/* Who may use a command, and when; what is empty limits nothing.  Checked while matching: another command
 * may have the same wording for other customers. */
struct audience {
	unsigned nbrands, nprovinces, nlinks;
	struct str *brand, *province, *link;
	struct str list;
	time_t from, until;		/* 0: open; until is the first moment that is too late */
	unsigned opens_min, closes_min;	/* minutes of the day in Asia/Shanghai; equal: all day */
	const char *hours;		/* as written */
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
	struct reminder *reminder;	/* NULL: a command */
	struct command *parent;		/* of a quote; else NULL */
	struct confirm *confirm;	/* NULL: done at once */
	unsigned nsteps;
	struct step *step;
	struct text2 title;		/* of a menu */
	unsigned nchoices;
	struct choice *choice;
	struct opens *opens;
	unsigned within_s;		/* how long a step's or a menu's question stays open */
	enum need need;
	struct audience *audience;	/* NULL: everybody, always */
	unsigned rate_n, rate_s;	/* at most so many of a subscriber in so many seconds; 0: no limit */
	bool chat;			/* small talk */
	bool bare;			/* some wording has no argument */
	struct place place;
	unsigned index;			/* 0 .. tables->ncommands */

	/* After tables_bind(): */
	const char *function;		/* "hall_cmd.f_…" */
	const char *statement;		/* SELECT … FROM hall_cmd.f_…($1, …) LIMIT rows, text of the prepared statement */
	const char *many, *many_name;	/* the same for several texts (flow/many.h); NULL: has no parameters */
	unsigned ncolumns;		/* template names are: the columns, then the arguments, then msisdn, now, port */
	const char **column;
	int outcome_column;
	int lang_column;	/* reply_lang: the language of the reply; -1 */
	int price_column;	/* of a quote: price_version; -1 */
};

struct tip {
	const char *name;
	unsigned nfor;
	const char **for_group;
	struct text2 text;
	unsigned cap, cap_days;		/* at most cap times in cap_days days; cap 0: no limit */
	unsigned weight;		/* >= 1 */
	unsigned control;		/* percent of subscribers who never see it */
	struct audience *audience;	/* NULL: everybody, always */
	const char *steers;		/* to this channel (hall.contact.channel), NULL: to none */
	struct place place;
};

struct example {
	const struct command *command;
	const char *text;
	const char *from, *to;		/* sample subscriber, port; may be NULL */
	unsigned nanswers;
	const char **answer;		/* sent after it, in turn; expect and says are of the last reply */
	const char *expect;		/* outcome; NULL: any but error */
	const char *says;		/* the reply contains this; NULL */
	struct place place;
};

struct answer {			/* the engine's own texts: unknown, error, … (answer_list.h) */
	const char *name;
	struct text2 text;
	struct place place;
};

struct tables {
	struct arena *arena;
	int refs;			/* the loop's thread only */
	bool repeats;			/* some command has a repeat_window */
	bool asks;			/* some command asks: answers may come */
	bool reminders;			/* there are some */
	int version;			/* hall.table_version.id; 0: not stored */
	unsigned ncommands, ntips, nexamples, nanswers;
	struct command **command;
	struct tip **tip;
	struct example *example;
	struct answer *answer;
	struct matcher *matcher;	/* match.c */
	struct nearest_index *nearest;	/* nearest.h; after tables_bind() */
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
	unsigned nparams;
	const char **param_type;
};

/* Completes the commands: function, statements, columns; compiles the templates against them.  Reports unknown
 * template names, outcomes without reply, replies for outcomes that cannot come. */
void tables_bind(struct tables *tables, const struct binding *binding, unsigned n, struct problems *problems);

struct tables *tables_ref(struct tables *tables);
void tables_unref(struct tables **tables);

/* The reply of an outcome; NULL when there is none. */
const struct outcome *command_outcome(const struct command *command, struct str name);
int command_column(const struct command *command, const char *name);	/* of its SQL, after tables_bind(); -1 */
bool command_has_secret(const struct command *command);		/* among its arguments */
/* The engine's own text; NULL where the tables have none, which the check allows where no command needs it. */
const struct template *tables_answer(const struct tables *tables, const char *name, enum lang lang);
/* The names that the engine's own texts may use, by position; ANSWER_FIXED of them are msisdn, now, port, within. */
enum answer_value {
	ANSWER_FIXED = 4, ANSWER_N = ANSWER_FIXED, ANSWER_WHAT, ANSWER_TITLE, ANSWER_NESTED, ANSWER_CODE, ANSWER_LEFT,
	ANSWER_UNTIL, ANSWER_HOURS, ANSWER_ASK, ANSWER_NO, ANSWER_VALUES
};
extern const char *const answer_names[ANSWER_VALUES];
/* A command by "table.name", or by its name where it is written in a table; NULL. */
struct command *tables_find(const struct tables *tables, const char *table, struct str name);
