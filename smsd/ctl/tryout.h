/* tryout - what would happen to one text: matched, run and answered as the daemon
 * does it, and undone.  For `smsctl try`, `understand` and the examples of `tables check`. */
#pragma once
#include <libpq-fe.h>

#include "flow/talk.h"
#include "table/tables.h"
#include "table/vocabulary.h"

/* What texts are tried against: the active version, or (dir) the tables of a folder, whose
 * functions are then made in the connection's open transaction; what is wrong with them is printed,
 * and ERR_INPUT.  Release the tables and the vocabulary. */
MUST_CHECK int tryout_load(PGconn *conn, const char *dir, struct arena *arena,
			   struct tables **tables_r, struct vocabulary **vocabulary_r,
			   struct err *err);

struct tryout_now {
	struct str text;	/* as bound to :now */
	time_t time;
};

/* The clock of the database, or a time that a person gave ("2026-11-22", "2026-11-22 08:30", in
 * China unless it names its zone); text lives in the arena.  ERR_INPUT when it is no time. */
MUST_CHECK int tryout_now(PGconn *conn, const char *given, struct arena *arena,
			  struct tryout_now *out_r, struct err *err);

/* Questions that earlier texts of the same try left open. */
struct tryout_talk {
	unsigned n;
	struct dialogue *dialogue;
};

struct tryout_input {
	PGconn *conn;			/* in an open transaction */
	struct tryout_talk *talk;	/* goes on with it, and what it did stays done, for the caller to undo; NULL:
					 * nothing is open, and it is undone at once */
	const struct nearest_words *words;
	const struct tables *tables;	/* bound; their functions may be of this transaction only */
	const struct vocabulary *vocabulary;
	struct tryout_now now;
	struct str text, msisdn, port, link;
	const char *lang;		/* NULL: the subscriber's */
	bool anytime;			/* also what is not valid now */
};

struct tryout {
	struct str text, folded;
	struct match match;
	struct talk talk;
	const char *asks;		/* the kind of question that the reply opens; NULL */
	struct str province;		/* ptr NULL: unknown */
	enum lang lang;
	const char *lang_why;		/* given | chosen | profile | default */
	bool failed;			/* the SQL did: an apology, and the text would be parked */
	char sqlstate[6];
	struct err error;
	bool changed;			/* rows of tables, as the database counted them */
	struct reply reply;
	struct segments segments;
};

/* All in out lives in the arena or the tables.  Fails only when the database is out of reach or the
 * sender cannot be looked up; the transaction is then lost. */
MUST_CHECK int tryout_run(const struct tryout_input *in, struct arena *arena, struct tryout *out_r,
			  struct err *err);
