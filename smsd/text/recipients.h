/* recipients - a list of recipients from a CSV file: its header names the columns (msisdn must be one,
 * lang may be, the others fill the text), each row is somebody or is told with its line and reason.
 * Pure; takes some 32 octets a row, to find numbers that stand there twice. */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "text/msisdn.h"
#include "text/sheet.h"

enum recipient_fault {
	RECIPIENT_GOOD,
	RECIPIENT_NUMBER,	/* no subscriber number */
	RECIPIENT_TWICE,	/* stands in an earlier row */
	RECIPIENT_COLUMNS,	/* more or fewer than the header */
	RECIPIENT_LANG,		/* neither zh nor en */
	RECIPIENT_EMPTY,	/* a column that the text uses */
	RECIPIENT_CONTROL,	/* a line end, tab or other control character in a value */
	RECIPIENT_ENCODING,
	RECIPIENT_QUOTES,
	RECIPIENT_TOO_LONG,
	RECIPIENT_FAULTS
};

struct recipient {
	unsigned line;
	enum recipient_fault fault;
	char why[160];			/* what is wrong, and the remedy; empty when good */
	struct msisdn msisdn;
	const char *lang;		/* zh | en; NULL: the row does not say */
	const struct str *data;		/* by column; live until the next one is read */
};

/* Reads the header.  content is borrowed.  NULL, with ERR_INPUT that names the line, when it is none. */
struct recipients;
struct recipients *recipients_new(struct str content, struct err *err);
void recipients_free(struct recipients **recipients);

/* The columns without msisdn and lang, in their order. */
unsigned recipients_columns(const struct recipients *recipients, const char *const **name_r);
/* A row whose value of this column is empty is told as RECIPIENT_EMPTY. */
void recipients_require(struct recipients *recipients, unsigned column);
/* "UTF-8, separated by ;": for people. */
void recipients_format(const struct recipients *recipients, char out[40]);

/* False at the end. */
bool recipients_next(struct recipients *recipients, struct recipient *out_r);

/* A row from elsewhere than a file (a query), checked as a file's is: each value, then number and language.
 * seen: the numbers so far; line must be set. */
struct number_set;
void recipient_value(struct recipient *out, const char *name, struct str value, bool required);
void recipient_take(struct recipient *out, struct number_set *seen, struct str number, struct str lang);

/* "bad number", "duplicate", …: the reason as a key of listings and JSON. */
const char *recipients_fault(enum recipient_fault fault);
