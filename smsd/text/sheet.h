/* sheet - the rows of a CSV file (RFC 4180) in whatever encoding (text/encoding.h) and with whatever
 * separator: comma, semicolon or tab, as its first line shows.  Each row knows its line; a row that
 * cannot be read is told and passed over, and the next one is good again.  Pure. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include "text/encoding.h"

enum { SHEET_COLUMNS_MAX = 64, SHEET_ROW_MAX = 65536, SHEET_ROW_LINES_MAX = 20 };

enum sheet_fault {
	SHEET_GOOD,
	SHEET_ENCODING,		/* octets that are none of the file's encoding */
	SHEET_QUOTES,		/* a quote that is not closed, or stands inside a field */
	SHEET_TOO_LONG,		/* more columns or octets than the bounds above */
};

struct sheet_row {
	unsigned line;		/* the first it stands on, from 1 */
	enum sheet_fault fault;
	unsigned n;
	struct str field[SHEET_COLUMNS_MAX];	/* UTF-8, without blanks around what is not quoted */
};

/* content: the whole file, borrowed. */
struct sheet;
struct sheet *sheet_new(struct str content);
void sheet_free(struct sheet **sheet);

/* Blank lines are no rows.  False at the end.  The fields live until the next call. */
bool sheet_next(struct sheet *sheet, struct sheet_row *row_r);

char sheet_separator(const struct sheet *sheet);
enum encoding sheet_encoding(const struct sheet *sheet);
