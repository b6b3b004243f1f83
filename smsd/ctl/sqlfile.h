/* sqlfile - the files of sql/ that make the database, in the order in which they are applied. */
#pragma once
#include "base/err.h"
#include "base/mem.h"

enum sqlfile_kind { SQLFILE_ROLES, SQLFILE_SCHEMA, SQLFILE_FUNCTION, SQLFILE_SEED };
enum { SQLFILE_CHECKSUM = 64 };		/* hex digits of SHA-256: what sha256sum prints */

struct sqlfile {
	enum sqlfile_kind kind;
	const char *name;		/* schema/001-hall.sql */
	const char *path;		/* for messages: the folder as it was given, and the name */
	const char *content;
	char checksum[SQLFILE_CHECKSUM + 1];
};

/* roles.sql, schema/, functions/, seed/ (all but bench.sql); each folder in order of names.  Fails
 * with ERR_INPUT when a file cannot be read, the folder holds no schema, or two schema files have
 * the same number.  Lives in the arena. */
MUST_CHECK int sqlfile_list(struct arena *arena, const char *dir, struct sqlfile **file_r,
			    unsigned *n_r, struct err *err);

/* The line, from 1, of the character with this number, from 1 (as PostgreSQL counts). */
unsigned sqlfile_line(const char *content, unsigned character);

/* The line where the statement begins that follows `done` others: for errors that have no place of
 * their own.  Knows quotes, dollar quotes and comments. */
unsigned sqlfile_statement_line(const char *content, unsigned done);
