/* remind_private - what remind.c and remind_rows.c share. */
#pragma once
#include "flow/hall.h"
#include "flow/remind.h"

enum { RUNS_MAX = 50, ROWS_MAX = 500 };
enum { TAG_NONE = -1, TAG_DUE = -2, TAG_SCHEDULE = -3, TAG_PLANNED = -4, TAG_RUNS = -5, TAG_ROWS = -6, TAG_COMMIT = -7,
       TAG_TIDY = -8, TAG_LINES = -9, TAG_ONCE = 1 << 16 };

enum remind_state {
	REMIND_IDLE,
	REMIND_LOOKING,		/* is there anything to do? */
	REMIND_PLANNING,	/* triggers and schedules become runs, and runs that are due are taken */
	REMIND_RUNNING,		/* their SQL runs, and its rows are kept */
	REMIND_TAKING,		/* rows are taken */
	REMIND_ASKING_ONCE,	/* which of them were sent lately */
	REMIND_PUTTING,		/* behind the door */
	REMIND_ROLLING_BACK,
	REMIND_MARKING,		/* what failed alone */
	REMIND_TIDYING,
};

/* One run of a reminder's SQL (hall.reminder_run). */
struct run {
	const struct command *command;	/* NULL: the tables have no such step any more */
	struct str id, reminder, trigger;
	unsigned step;
	int64_t due_us;
	int rows;
};

/* One row that becomes a message. */
struct message {
	struct remind_row row;
	unsigned group;
	struct str run;
	unsigned n;			/* which of its rows */
	struct msisdn msisdn;
	struct uuid id, cause;
	const char *lost;		/* why it cannot; NULL: it can */
	bool again;			/* had it lately */
	bool control;
};

/* Messages that are put together: of one reminder, step, moment and version. */
struct group {
	const struct command *command;
	struct tables *tables;
	unsigned step;
	int64_t due_us;
	PGresult *once;
};

struct remind {
	struct hall *hall;
	struct db *db;
	enum remind_state state;
	struct tables *tables;
	struct arena *arena;
	uint64_t look_ms, tidy_ms;
	unsigned due;			/* results not yet there */
	bool failed, committed, runs_due, rows_due, scheduled;
	bool noticed;			/* a trigger was reported since the last look */
	enum db_blame blame;		/* of the failure */
	unsigned alone;			/* so many rounds take one thing at a time */
	char error[300];
	int64_t now_us, next_us;	/* when a schedule is due next; 0: not known */
	int looked;			/* the version that was in force at the last look */
	int version;			/* whose schedules next_us is of */
	uint64_t schedule_ms;		/* when the schedules were looked at last */
	char now_text[40], tidy_after[32];
	unsigned tidied;
	struct run run[RUNS_MAX];
	unsigned nruns, planned;
	struct message message[ROWS_MAX];
	unsigned nmessages, taken;
	struct group group[ROWS_MAX];
	unsigned ngroups;
	PGresult *lines;		/* opt-out lines by class */
	struct array array[8];
};

/* remind.c */
void remind_ask(struct remind *r, enum query q, const struct db_params *params, int tag);
void remind_wait(struct remind *r, enum remind_state state);
void remind_now(struct remind *r);

/* remind_rows.c */
void remind_rows_take(struct remind *r);			/* enters REMIND_TAKING */
void remind_rows_taken(struct remind *r, const PGresult *res);
void remind_rows_ask_once(struct remind *r);			/* enters REMIND_ASKING_ONCE */
void remind_rows_put(struct remind *r);			/* enters REMIND_PUTTING, and commits */
void remind_rows_lost(struct remind *r);			/* the one that was taken alone cannot become a message; enters REMIND_MARKING */
void remind_rows_forget(struct remind *r);
