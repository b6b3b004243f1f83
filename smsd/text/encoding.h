/* encoding - the lines of a text file in one of the encodings that offices write, as UTF-8: UTF-8 and
 * UTF-16 with and without a byte order mark, GB18030 (GBK, GB2312).  Pure. */
#pragma once
#include "base/mem.h"
#include "base/str.h"

enum encoding { ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_UTF16BE, ENCODING_GB18030 };

/* By its mark; else by its bytes: zeros in every other octet are UTF-16, and of lines that are not
 * ASCII the greater part decides between UTF-8 and GB18030, so that a damaged line stays one. */
enum encoding encoding_guess(struct str content);
const char *encoding_name(enum encoding encoding);

struct encoding_line {
	struct str text;	/* UTF-8 without its line end; valid until the next one is read */
	unsigned number;	/* from 1 */
	bool wrong;		/* it holds octets that are none of the encoding, or NUL; text is empty */
};

/* content is borrowed. */
struct encoding_lines;
struct encoding_lines *encoding_lines_new(struct str content);
void encoding_lines_free(struct encoding_lines **lines);
enum encoding encoding_of(const struct encoding_lines *lines);
/* False at the end. */
bool encoding_lines_next(struct encoding_lines *lines, struct encoding_line *line_r);

/* Where the next line begins, to go back there. */
struct encoding_place { size_t offset; unsigned number; };
struct encoding_place encoding_lines_tell(const struct encoding_lines *lines);
void encoding_lines_seek(struct encoding_lines *lines, struct encoding_place place);
