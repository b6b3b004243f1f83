/* api_body - what a request to the API brings, held against the fields of its route.  Pure, and total: whatever the
 * bytes are, the answer is a checked value or a problem that names the place. */
#pragma once
#include <jansson.h>

#include "base/str.h"

enum api_kind {
	API_TEXT,	/* min .. max characters; choices: one of these, separated by | */
	API_NAME,	/* a word: letters, digits and . _ -, at most max */
	API_INT,	/* min .. max */
	API_NUMBER,	/* min .. max, with decimals */
	API_BOOL,
	API_TIME,	/* RFC 3339, with its zone */
	API_MSISDN,	/* a subscriber's number in any usual form; becomes the hall's one form */
	API_OBJECT,	/* anything, at most max bytes of JSON; of the fields of sub, when it has some */
	API_LIST,	/* min .. max objects of the fields of sub, or texts without sub */
	API_MAP,	/* names to texts, of 1 .. max characters */
};

/* The end of a list has no name. */
struct api_field {
	const char *name;
	enum api_kind kind;
	bool required;
	long min, max;
	const char *choices;
	const struct api_field *sub;
	const char *about;	/* one line, for the description of the API */
};

struct api_problem {
	char code[32];		/* a word for programs */
	char message[240];	/* a sentence for people */
	char field[120];	/* triggers[3].msisdn; "": of no field */
	char remedy[160];	/* "": none */
};

/* NULL, with a problem that tells line and column, unless it is one JSON object in UTF-8. */
json_t *api_body_parse(struct str bytes, struct api_problem *problem_r);

/* Every field known, of its kind, and there if it must be; numbers of subscribers are brought into the hall's one form
 * in place.  -1 with the first problem otherwise.  prefix: of the names of fields in problems. */
int api_body_check(json_t *object, const struct api_field *fields, const char *prefix, struct api_problem *problem_r);

/* The same where everything is text, as in a query string: numbers and yes and no are read from it. */
int api_body_check_texts(json_t *object, const struct api_field *fields, struct api_problem *problem_r);

/* One object, or {list: [up to max objects], atomic: true}: items_r gets a new array, each checked; in place of one
 * that has a problem stands {"key": …, "outcome": "error", "error": {…}}, and bad_r counts these.  A single
 * one with a problem is -1, and so is any problem with atomic. */
int api_body_bulk(json_t *body, const char *list, unsigned max, const struct api_field *fields, json_t **items_r,
		  unsigned *bad_r, struct api_problem *problem_r);

json_t *api_problem_json(const struct api_problem *problem);

void api_problem_set(struct api_problem *problem_r, const char *code, const char *field, const char *remedy,
		     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* %XX decoded into out, of in.len + 1 bytes; false when it is malformed or no UTF-8 without NUL. */
bool api_decode(struct str in, char *out);

/* Whether path is of the pattern, as in /triggers/{name}/{key}; value gets what stands for {…}, still encoded. */
bool api_path_match(const char *pattern, const char *path, struct str *value, unsigned max);
